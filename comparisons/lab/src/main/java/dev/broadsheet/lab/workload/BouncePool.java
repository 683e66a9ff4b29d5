package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;

/** W6: the kernel clears and shares its bounce pool (SWIOTLB). */
final class BouncePool implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "W6",
        "bounce-pool",
        "one large shared pool",
        "The kernel clears a pool through private mappings, shares it with one call, and uses part"
            + " of it.",
        "Linux, x86 guest memory-encryption set-up: 6 % of RAM, 64 MiB to 1 GiB; recorded guests"
            + " round it up to a power of two, clear it privately first, and start it at an odd"
            + " page when they have 4 GiB or more",
        "F for each page, one C, F again for the part that is used.",
        "");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(8),
        Parameter.percent("share", 6, "Pool as a share of RAM.", "Linux"),
        Parameter.bytes("least", "64m", "4k", "1g", "Smallest pool.", "Linux"),
        Parameter.bytes("most", "1g", "4k", "1g", "Largest pool.", "Linux"),
        align(),
        Parameter.percent(
            "clear",
            100,
            "Share of the pool that is written before it is shared.",
            "recorded: all"),
        used());
  }

  static Parameter align() {
    return Parameter.word(
        "align",
        ImmutableList.of("aligned", "off-by-one"),
        "Whether the pool begins on a 2M boundary or one page behind it.",
        "recorded: odd with 4 GiB or more");
  }

  static Parameter used() {
    return Parameter.percent(
        "used", 58, "Share of the pool that is touched once it is shared.", "recorded with redis");
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    long bytes = poolBytes(values, guest.shape());
    long start = poolStart(values, guest.shape());
    long clear = Places.alignDown(bytes * values.number("clear") / 100, Guest.PAGE);
    long used = Places.alignDown(bytes * values.number("used") / 100, Guest.PAGE);
    stage.once(() -> guest.mark("bounce-pool"));
    stage.range(start, start + clear, Guest.PAGE, gpa -> guest.write(0, gpa));
    stage.once(() -> guest.share(0, start, bytes));
    stage.range(
        start,
        start + used,
        Guest.PAGE,
        gpa -> guest.write((int) ((gpa / Guest.LARGE) % guest.vcpus()), gpa));
  }

  /** Returns the size of the pool by Linux's rule, rounded up to a power of two. */
  static long poolBytes(Values values, GuestShape shape) {
    long wanted = shape.ramBytes() / 100 * values.number("share");
    long clamped = Math.min(values.number("most"), Math.max(values.number("least"), wanted));
    long power = Long.highestOneBit(clamped);
    return power == clamped ? clamped : Math.min(values.number("most"), 2 * power);
  }

  /** Returns where the pool of these values begins. */
  static long poolStart(Values values, GuestShape shape) {
    return Places.pool(shape, poolBytes(values, shape))
        + (values.word("align").equals("off-by-one") ? Guest.PAGE : 0);
  }
}
