package dev.broadsheet.lab.workload;

import static dev.broadsheet.lab.workload.PublishedFigure.Role.FITTED;
import static dev.broadsheet.lab.workload.PublishedFigure.Role.INPUT;
import static dev.broadsheet.lab.workload.PublishedFigure.Role.PREDICTED;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.trace.AccessType;

/** The boot of the one TD whose large pages were counted in public. */
final class BootTd implements Pattern {
  private static final String SOURCE = "Yan Zhao, 26 Jun 2025, 4 GiB, 8 vCPUs";

  @Override
  public Description description() {
    return Description.of(
            "boot-td-4g",
            "boot-td",
            "boot of a TD with 4 GiB and 8 vCPUs to the login prompt",
            "Launch, added pages, firmware that accepts low RAM at 2M and converts pages around its"
                + " transfers, then a kernel that takes memory above 4 GiB as it needs it, and"
                + " shares a bounce pool, driver buffers and per-vCPU pages.",
            "Yan Zhao's counts (Jun 2025, reply on patch 9 of KVM's huge page series); order and"
                + " sizes of the rest as in recorded boots",
            "W1, W2, W5 (eager below 4 GiB, lazy above), W4, W6, W8, W9, in the order of a boot.",
            "")
        .calibratedBy(
            new PublishedFigure(
                "small-accepts",
                "4K accepts where 2M was possible",
                "about 2,710",
                INPUT,
                SOURCE
                    + ": 506 at gfn 806-9ff, 512 at 7e800-7e9ff, the rest repeats in 7d3ff-7e7fe,"
                    + " 974, 156 and 476 of them at 7d9d7, 7d9d9 and 7d9da; where the other 86 fall"
                    + " was not published and is drawn"),
            new PublishedFigure(
                "slots",
                "slots, first gfn + pages",
                "0 + 80000, ffc00 + 400, 100000 + 80000",
                INPUT,
                SOURCE),
            new PublishedFigure(
                "added",
                "pages added before start, always 4K",
                "about 4 MiB",
                INPUT,
                "KVM series v3, 6 Jan 2026"),
            new PublishedFigure(
                "small-accepts-8g",
                "the same 4K accepts with 8 GiB",
                "about as many",
                INPUT,
                SOURCE + "; here the firmware does the same whatever the size"),
            new PublishedFigure(
                "large-pages",
                "2M mappings at login, without the inhibit bit",
                "1,144 on average",
                FITTED,
                SOURCE
                    + "; how much memory above 4 GiB the guest had taken by then is not"
                    + " published. The default of above-4g is chosen so that the sum can come out."
                    + " What the machine does predict is how many of the 1,023 regions of 2M that"
                    + " firmware accepts below 4 GiB are lost. Recorded Debian guests of this size"
                    + " had taken 786 and 876 MiB"),
            new PublishedFigure(
                "large-pages-inhibit",
                "2M mappings at login, with the one-way inhibit bit",
                "1,143 on average: one less, \"no significant difference\"",
                PREDICTED,
                SOURCE + "; the difference is predicted, the sum is fitted"),
            new PublishedFigure(
                "inhibit-locks",
                "times mmu_lock is taken for write by the inhibit bit",
                "11 on average",
                PREDICTED,
                SOURCE),
            new PublishedFigure(
                "large-pages-8g",
                "2M mappings at login with 8 GiB, with the bit",
                "not published",
                PREDICTED,
                "with as much memory taken above 4 GiB as with 4 GiB"));
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(8),
        Parameter.count(
            "pairs",
            1692,
            0,
            1_000_000,
            "pairs",
            "Firmware transfers, each of one page.",
            "2,710 less 506 and 512"),
        Parameter.bytes(
            "above-4g",
            "524m",
            "0",
            "1t",
            "Memory above 4 GiB that the kernel has accepted and used at login.",
            "fitted to 1,144 mappings of 2M; recorded: 786m and 876m"),
        Parameter.word(
            "align",
            ImmutableList.of("off-by-one", "aligned"),
            "Where the bounce pool begins.",
            "recorded: odd with 4 GiB"),
        BouncePool.used().withDefault("10"),
        Parameter.count(
            "devices", 2, 1, 64, "devices", "Devices with driver buffers.", "disk and network"));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    Places.requireHeap(shape, values.number("above-4g") + Guest.HUGE / 4, "the pages above 4 GiB");
    if (shape.highEnd() == GuestShape.FOUR_GIB) {
      throw new IllegalArgumentException(
          "ram=%s leaves nothing above 4 GiB; give 3g or more."
              .formatted(Parameter.sizeText(values.number("ram"))));
    }
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    FirmwareDma dma = new FirmwareDma();
    Values transfers =
        Values.of(dma.parameters()).adopt(values, "ram", "vcpus", "pairs").with("max-pages", "1");
    firmware(guest, stage, transfers);
    stage.once(() -> guest.mark("kernel-tdx-init"));
    stage.range(
        GuestShape.FOUR_GIB,
        GuestShape.FOUR_GIB + values.number("above-4g"),
        Guest.LARGE,
        gpa -> guest.fill(0, gpa, Guest.LARGE));
    Parts.add(
        new BouncePool(),
        values,
        guest,
        stage,
        "align=" + values.word("align"),
        "used=" + values.number("used"));
    Parts.add(
        new CoherentBuffers(),
        values,
        guest,
        stage,
        "devices=" + values.number("devices"),
        "place=packed");
    Parts.add(new PerVcpuPages(), values, guest, stage, "place=packed");
    stage.once(() -> guest.mark("login"));
  }

  /** Appends launch, added pages, and firmware up to the hand-over to the kernel. */
  static void firmware(Guest guest, Stage stage, Values transfers) {
    Launch.convertSlots(guest, stage);
    long image = GuestShape.FOUR_GIB - GuestShape.FIRMWARE;
    BuildPages.add(guest, stage, GuestShape.FIRMWARE, image);
    FirmwareDma.added(guest, stage);
    stage.range(
        GuestShape.FOUR_GIB - image / 4,
        GuestShape.FOUR_GIB,
        Guest.PAGE,
        gpa -> guest.access(Guest.ACCESS_NANOS, 0, gpa, AccessType.EXECUTE));
    FirmwareDma.edge(transfers, guest, stage);
    AcceptMemory.firmwareSweep(guest, stage);
    FirmwareDma.transfers(transfers, guest, stage);
  }
}
