package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.trace.GuestPages;
import dev.broadsheet.lab.trace.TraceSlot;

/** W14: a kernel hands over to the next one and takes back all that it shared. */
final class Kexec implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "W14",
        "take-back",
        "everything shared taken back in address order",
        "After a boot that shared a pool, driver buffers and per-vCPU pages, the kernel walks its"
            + " page tables upwards and makes all of it private; the next kernel shares its own.",
        "CoCo kexec threads; recorded: 64 calls of 2M and 199 of 4K for 129 MiB",
        "As W6, W8 and W9, then C to private and A per page-table entry, upwards; with second=yes"
            + " W6, W8 and W9 again.",
        "");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("2g"),
        CommonParameters.vcpus(2),
        Parameter.word(
            "entry",
            ImmutableList.of("2m", "4k"),
            "Whether the direct map still has 2M entries where it can.",
            "recorded: 2M where possible"),
        BouncePool.align(),
        Parameter.count("devices", 4, 1, 256, "devices", "Devices with buffers.", "chosen"),
        Parameter.word(
            "second", CommonParameters.YES, "Whether the next kernel runs.", "not for kdump"));
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    kernel(values, guest, stage);
    takeBack(guest, stage, values.word("entry").equals("2m"));
    if (values.yes("second")) {
      kernel(values, guest, stage);
    }
  }

  private static void kernel(Values values, Guest guest, Stage stage) {
    stage.once(() -> guest.mark("kernel-tdx-init"));
    Parts.add(new BouncePool(), values, guest, stage, "align=" + values.word("align"));
    Parts.add(new CoherentBuffers(), values, guest, stage, "devices=" + values.number("devices"));
    Parts.add(new PerVcpuPages(), values, guest, stage);
  }

  /** Appends that all shared RAM is made private, upwards, entry by entry. */
  static void takeBack(Guest guest, Stage stage, boolean large) {
    stage.once(() -> guest.mark("kexec"));
    for (TraceSlot slot : guest.shape().slots()) {
      if (slot.isRam()) {
        long end = slot.end() / Guest.PAGE;
        Cursor cursor = new Cursor(slot.gpa() / Guest.PAGE);
        stage.whileTrue(
            () -> {
              GuestPages pages = guest.pages();
              long gfn = pages.nextShared(cursor.gfn, end);
              if (gfn == end) {
                return false;
              }
              long block = Guest.LARGE / Guest.PAGE;
              boolean whole =
                  large
                      && gfn % block == 0
                      && gfn + block <= end
                      && pages.isAll(gfn, gfn + block, false);
              long size = whole ? block : 1;
              guest.unshare(0, gfn * Guest.PAGE, size * Guest.PAGE);
              cursor.gfn = gfn + size;
              return true;
            });
      }
    }
  }

  private static final class Cursor {
    private long gfn;

    Cursor(long gfn) {
      this.gfn = gfn;
    }
  }
}
