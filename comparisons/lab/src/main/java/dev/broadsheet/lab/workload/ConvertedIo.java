package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;

/** W12: a pair of conversions around each I/O instead of bouncing. */
final class ConvertedIo implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "W12",
        "converted-io",
        "buffers converted around each I/O",
        "Instead of copying through a pool the guest shares the buffer of each I/O and takes it back"
            + " afterwards.",
        "rejected for years on the kernel lists, tried again for pKVM (Jun 2026) and found much"
            + " slower than the copy",
        "C to shared, F for each page, C to private, A for each page, F.",
        "");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(4),
        Parameter.count("ios", 2000, 1, 100_000_000, "I/Os", "I/Os in all.", "chosen"),
        Parameter.count("rate", 100_000, 1, 1_000_000, "per s", "I/Os in a second.", "1k to 1M"),
        Parameter.bytes("size", "64k", "4k", "1m", "Size of one I/O.", "4 KiB to 1 MiB"),
        Parameter.count(
            "reuse", 256, 1, 1 << 20, "I/Os", "After how many the same buffer is used.", "chosen"),
        Parameter.word(
            "place",
            ImmutableList.of("packed", "apart"),
            "Buffers one behind the other, or one in each 2M block.",
            "a slab or the page cache"));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    Places.requireHeap(shape, values.number("reuse") * stride(values), "the buffers");
  }

  private static long stride(Values values) {
    return values.word("place").equals("apart") ? Guest.LARGE : values.number("size");
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    long size = values.number("size");
    Walk order = new Walk(values.number("reuse"), guest.random("W12"));
    stage.times(
        values.number("ios"),
        io -> {
          int vcpu = (int) (io % guest.vcpus());
          long buffer = order.at(io % values.number("reuse"));
          long gpa = Places.heap(guest.shape()) + buffer * stride(values);
          guest.pause(1_000_000_000L / values.number("rate"));
          guest.share(vcpu, gpa, size);
          guest.fill(vcpu, gpa, size);
          guest.unshare(vcpu, gpa, size);
          guest.read(vcpu, gpa);
        });
  }
}
