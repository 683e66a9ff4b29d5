package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.trace.AccessType;
import dev.broadsheet.lab.trace.TraceSlot;
import java.util.SplittableRandom;

/** W5: the guest accepts its memory, on demand or in one sweep. */
final class AcceptMemory implements Pattern {
  private static final long SLICE = 32L << 20;

  @Override
  public Description description() {
    return Description.of(
        "W5",
        "accept",
        "memory accepted, eagerly or lazily",
        "The guest accepts its RAM: all at once with all vCPUs, or in chunks of 4 MiB when it first"
            + " needs them.",
        "Kirill Shutemov (winter 2024-25): 60 s for 90 GiB at 4K on one vCPU, 40 s on four; Ashish"
            + " Kalra (Feb 2025): SNP with 128 GiB boots in 22 s lazily and 227 s eagerly; Linux"
            + " accepts 4 MiB at a time",
        "A lines at 4K or 2M, each 2M block then touched; with before= some blocks are touched"
            + " before they are accepted, which a real TDX guest does by mistake only.",
        "vCPUs take turns, so that contention between accepting vCPUs is not in the order of"
            + " events.");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        Parameter.count(
            "vcpus", 4, 1, 64, "vCPUs", "Virtual CPUs, all of which accept.", "Kirill Shutemov"),
        Parameter.word(
            "mode",
            ImmutableList.of("lazy", "eager"),
            "On demand, or one sweep over all RAM.",
            "Linux is lazy above 4 GiB"),
        Parameter.word(
            "level",
            ImmutableList.of("2m", "4k"),
            "Largest accept; KVM of today refuses 2M.",
            "Linux tries 2M first"),
        Parameter.bytes("chunk", "4m", "4k", "64m", "Accepted at a time when lazy.", "Linux"),
        Parameter.percent("touch", 50, "Share of the RAM that is used when lazy.", "chosen"),
        Parameter.percent(
            "before", 0, "Share of the 2M blocks that are touched before they are accepted.", "0"),
        Parameter.count(
            "edge",
            0,
            0,
            511,
            "4K pages",
            "Pages at both ends of each RAM slot that are not part of whole 2M blocks.",
            "an edge of pre-added pages"));
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    guest.acceptBy(
        values.word("level").equals("4k") ? Guest.PAGE : Guest.LARGE, values.number("chunk"));
    boolean eager = values.word("mode").equals("eager");
    long edge = values.number("edge") * Guest.PAGE;
    SplittableRandom random = guest.random("W5");
    for (TraceSlot slot : guest.shape().slots()) {
      if (slot.isRam()) {
        sweep(values, guest, stage, random, slot.gpa() + edge, slot.end() - edge, eager);
      }
    }
  }

  private static void sweep(
      Values values,
      Guest guest,
      Stage stage,
      SplittableRandom random,
      long start,
      long end,
      boolean eager) {
    long first = Places.alignDown(start, Guest.LARGE);
    long percent = eager ? 100 : values.number("touch");
    stage.range(
        first,
        end,
        Guest.LARGE,
        block -> {
          long from = Math.max(block, start);
          long to = Math.min(block + Guest.LARGE, end);
          int vcpu = (int) ((block / SLICE) % guest.vcpus());
          if (percent < 100 && random.nextInt(100) >= percent) {
            return;
          }
          if (random.nextInt(100) < values.number("before")) {
            guest.touch(Guest.ACCESS_NANOS, vcpu, from, AccessType.WRITE);
          }
          if (eager) {
            guest.acceptRange(vcpu, from, to - from);
            guest.write(vcpu, from);
          } else {
            guest.fill(vcpu, from, to - from);
          }
        });
  }

  /** Appends firmware's sweep over the RAM below 4 GiB: what is unaccepted, at 2M, in slices. */
  static void firmwareSweep(Guest guest, Stage stage) {
    stage.once(() -> guest.mark("firmware-accept"));
    stage.range(
        0,
        guest.shape().lowEnd(),
        Guest.LARGE,
        block -> {
          long gfn = block / Guest.PAGE;
          if (guest.pages().isUnaccepted(gfn, gfn + Guest.LARGE / Guest.PAGE)) {
            guest.accept((int) ((block / SLICE) % guest.vcpus()), block, Guest.LARGE);
          }
        });
  }
}
