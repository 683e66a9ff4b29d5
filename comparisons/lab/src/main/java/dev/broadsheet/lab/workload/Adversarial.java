package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;

/** W19: the worst cases of each structure. */
final class Adversarial implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "W19",
        "adversarial",
        "the worst cases of each structure",
        "A guest converts so as to cost the host most: every other page, one page in each 2M, one"
            + " page back and forth, and pairs of pages across each 2M and 1G edge.",
        "what each data structure does worst",
        "C, A and F; a mark before each kind.",
        "");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(2),
        Parameter.word(
            "kind",
            ImmutableList.of("all", "alternate", "sparse", "ping-pong", "edges"),
            "Which of them.",
            "facts of each structure"),
        Parameter.bytes("bytes", "64m", "2m", "1t", "Memory that is attacked.", "chosen"),
        Parameter.count("period", 2, 2, 512, "4K pages", "Of how many pages one is shared.", "2"),
        CommonParameters.rounds(1000, "Turns of the one page that goes back and forth."),
        Parameter.word(
            "undo",
            CommonParameters.YES,
            "Whether all is taken back in the end.",
            "worst for" + " structures that merge"));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    Places.requireHeap(shape, values.number("bytes") + Guest.LARGE, "the attacked pages");
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    String kind = values.word("kind");
    boolean all = kind.equals("all");
    long start = Places.alignUp(Places.heap(guest.shape()), Guest.LARGE);
    long end = start + values.number("bytes");
    if (all || kind.equals("alternate")) {
      every(values, guest, stage, "alternate", start, end, values.number("period") * Guest.PAGE);
    }
    if (all || kind.equals("sparse")) {
      every(values, guest, stage, "sparse", start + 37 * Guest.PAGE, end, Guest.LARGE);
    }
    if (all || kind.equals("ping-pong")) {
      long page = start + 5 * Guest.PAGE;
      stage.once(() -> guest.mark("ping-pong"));
      stage.times(
          values.number("rounds"),
          turn -> {
            share(guest, turn, page, Guest.PAGE);
            guest.unshare((int) (turn % guest.vcpus()), page, Guest.PAGE);
          });
    }
    if (all || kind.equals("edges")) {
      stage.once(() -> guest.mark("edges"));
      stage.range(
          start + Guest.LARGE,
          end,
          Guest.LARGE,
          edge -> share(guest, edge / Guest.LARGE, edge - Guest.PAGE, 2 * Guest.PAGE));
      long far = Places.alignUp(end + Guest.PAGE, Guest.HUGE);
      stage.range(
          far,
          Places.heapEnd(guest.shape()),
          Guest.HUGE,
          edge -> share(guest, edge / Guest.HUGE, edge - Guest.PAGE, 2 * Guest.PAGE));
    }
    if (values.yes("undo")) {
      Kexec.takeBack(guest, stage, true);
    }
  }

  private static void every(
      Values values, Guest guest, Stage stage, String name, long start, long end, long step) {
    stage.once(() -> guest.mark(name));
    stage.range(start, end, step, gpa -> share(guest, gpa / step, gpa, Guest.PAGE));
    if (values.word("kind").equals("all")) {
      Kexec.takeBack(guest, stage, true);
    }
  }

  private static void share(Guest guest, long turn, long gpa, long bytes) {
    int vcpu = (int) (turn % guest.vcpus());
    guest.write(vcpu, gpa);
    guest.share(vcpu, gpa, bytes);
    guest.write(vcpu, gpa);
  }
}
