package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;

/** W15: the VMM takes memory back, and the guest uses it again later. */
final class DiscardAndReturn implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "W15",
        "discard-and-return",
        "memory discarded and accepted again",
        "Balloon, free page reporting or virtio-mem take memory from the guest; later the guest"
            + " accepts and uses some of it again.",
        "guest_memfd series; recorded: a balloon discards single 4K pages, free page reporting 4"
            + " MiB (96 %) or 2 MiB",
        "F for each page, D for each piece, then A and F for what returns.",
        "");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(4),
        Parameter.word(
            "mode",
            ImmutableList.of("report", "balloon", "hotplug"),
            "Pieces of 4 MiB anywhere, single pages anywhere, or 2 MiB from the top down.",
            "the three users of discards"),
        Parameter.bytes("bytes", "64m", "4m", "1t", "Memory that comes and goes.", "chosen"),
        Parameter.word(
            "align",
            ImmutableList.of("own", "4k"),
            "Pieces on a boundary of their size, or one page behind it.",
            "odd pieces in a balloon of large pages"),
        Parameter.percent("returns", 100, "Share of the pieces that are used again.", "chosen"),
        CommonParameters.rounds(2, "How often."));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    Places.requireHeap(shape, values.number("bytes") + Guest.LARGE, "the pieces");
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    plan(values, guest, stage, Places.alignUp(Places.heap(guest.shape()), 4L << 20));
  }

  /** Appends the rounds over memory from an address, which is a multiple of 4 MiB. */
  static void plan(Values values, Guest guest, Stage stage, long from) {
    long piece =
        switch (values.word("mode")) {
          case "balloon" -> Guest.PAGE;
          case "hotplug" -> Guest.LARGE;
          default -> 4L << 20;
        };
    long pieces = values.number("bytes") / piece;
    long start = from + (values.word("align").equals("4k") ? Guest.PAGE : 0);
    boolean down = values.word("mode").equals("hotplug");
    Walk walk = new Walk(pieces, guest.random("W15"));
    stage.range(
        start,
        start + pieces * piece,
        Guest.LARGE,
        gpa ->
            guest.fill(vcpu(guest, gpa), gpa, Math.min(Guest.LARGE, start + pieces * piece - gpa)));
    for (long round = 0; round < values.number("rounds"); round++) {
      stage.once(() -> guest.mark("discard"));
      stage.times(
          pieces, i -> guest.discard(start + (down ? pieces - 1 - i : walk.at(i)) * piece, piece));
      stage.once(() -> guest.mark("return"));
      stage.times(
          pieces * values.number("returns") / 100,
          i -> {
            long gpa = start + i * piece;
            guest.acceptRange(vcpu(guest, gpa), gpa, piece);
            guest.fill(vcpu(guest, gpa), gpa, piece);
          });
    }
  }

  private static int vcpu(Guest guest, long gpa) {
    return (int) ((gpa / Guest.LARGE) % guest.vcpus());
  }
}
