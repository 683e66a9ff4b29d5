package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import java.util.SplittableRandom;

/** W7: the bounce pool grows at run time. */
final class PoolGrowth implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "W7",
        "pool-growth",
        "a bounce pool that grows at run time",
        "Under load the kernel shares further pieces of memory that was in private use, and rarely"
            + " gives one back.",
        "dynamic SWIOTLB (thread of May 2023); recorded: 48 calls of 4 MiB from 64 to 256 MiB, none"
            + " undone",
        "F for each page while it is private, C to shared, F for half of it; some pieces later go"
            + " back with C and A.",
        "");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(4),
        Parameter.bytes("size", "4m", "2m", "64m", "Size of one piece.", "recorded: 4 MiB"),
        Parameter.bytes("total", "192m", "2m", "1t", "Growth in all.", "recorded: 192 MiB"),
        Parameter.count("rate", 10, 1, 1_000_000, "per s", "Pieces in a second.", "chosen"),
        Parameter.percent("undo", 2, "Share of the pieces that are given back.", "recorded: 0"),
        Parameter.word(
            "align",
            ImmutableList.of("own", "4k"),
            "Pieces on a boundary of their own size, or at any page.",
            "the buddy allocator aligns to the size"));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    Places.requireHeap(
        shape,
        2 * values.number("total") + 2 * values.number("size"),
        "the pieces with their gaps");
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    SplittableRandom random = guest.random("W7");
    long size = values.number("size");
    long heap = Places.alignUp(Places.heap(guest.shape()), size);
    stage.times(values.number("total") / size, piece -> grow(values, guest, random, heap, piece));
  }

  /** Shares the piece of a number; they lie two sizes apart. */
  static void grow(Values values, Guest guest, SplittableRandom random, long heap, long piece) {
    long size = values.number("size");
    boolean odd = values.word("align").equals("4k");
    long gpa = heap + 2 * piece * size + (odd ? Guest.PAGE * random.nextLong(512) : 0);
    int vcpu = random.nextInt(guest.vcpus());
    guest.pause(1_000_000_000L / values.number("rate"));
    guest.fill(vcpu, gpa, size);
    guest.share(vcpu, gpa, size);
    guest.fill(vcpu, gpa, size / 2);
    if (random.nextInt(100) < values.number("undo")) {
      guest.unshare(vcpu, gpa, size);
    }
  }
}
