package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import java.util.SplittableRandom;

/** A guest that runs for a month. */
final class Aging implements Pattern {
  private static final long DAY = 86_400_000_000_000L;
  private static final long REPORT = 4L << 20;

  @Override
  public Description description() {
    return Description.of(
        "aging-30d",
        "aging",
        "thirty days of a server",
        "Each day the pool grows by a piece or gives one back, free memory is reported to the host"
            + " and used again, drivers come and go, and single pages are shared where memory"
            + " happens to be free.",
        "slow W7, W8, W9 and W15; nobody has published a month",
        "Each day: C, F of a pool piece; D, A, F of 4 MiB pieces; C of single pages and small"
            + " buffers and, for most, C and A back the next day.",
        "");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(4),
        Parameter.count("days", 30, 1, 10_000, "days", "How long.", "a month"),
        Parameter.bytes("in-use", "512m", "64m", "1t", "Memory that is in use.", "chosen"),
        Parameter.count("reports", 16, 0, 4096, "a day", "Pieces of 4 MiB reported.", "chosen"),
        Parameter.count("buffers", 12, 0, 4096, "a day", "Small buffers shared.", "chosen"),
        Parameter.percent("kept", 10, "Share of the buffers that are never given back.", "chosen"));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    Places.requireHeap(shape, values.number("in-use") + REPORT, "the pages in use");
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    Parts.add(new BouncePool(), values, guest, stage, "used=20");
    long start = Places.alignUp(Places.heap(guest.shape()), REPORT);
    long end = start + Places.alignDown(values.number("in-use"), REPORT);
    stage.range(start, end, Guest.LARGE, gpa -> guest.fill(0, gpa, Guest.LARGE));
    Month month = new Month(values, guest, start, (end - start) / REPORT);
    for (long day = 0; day < values.number("days"); day++) {
      long today = day;
      stage.once(() -> month.begin(today));
      stage.times(values.number("reports"), i -> month.report());
      stage.times(values.number("buffers"), i -> month.giveBack(today, i));
      stage.times(values.number("buffers"), i -> month.share(today, i));
      stage.range(start, end, REPORT, month::touch);
    }
  }

  /** Places are drawn from the seed, the day and a number, so that no list of them is kept. */
  private static final class Month {
    private final Values values;
    private final Guest guest;
    private final long start;
    private final long pieces;
    private final SplittableRandom random;

    Month(Values values, Guest guest, long start, long pieces) {
      this.values = values;
      this.guest = guest;
      this.start = start;
      this.pieces = pieces;
      this.random = guest.random("aging");
    }

    void begin(long day) {
      guest.pause(DAY);
      guest.mark("day " + day);
      guest.rearm();
      long gpa = start + random.nextLong(pieces) * REPORT;
      int vcpu = random.nextInt(guest.vcpus());
      if (guest.pages().isPrivate(gpa / Guest.PAGE)) {
        guest.share(vcpu, gpa, REPORT / 4);
      } else {
        guest.unshare(vcpu, gpa, REPORT / 4);
      }
    }

    void report() {
      long gpa = start + random.nextLong(pieces) * REPORT;
      long gfn = gpa / Guest.PAGE;
      if (guest.pages().isAll(gfn, gfn + REPORT / Guest.PAGE, true)) {
        guest.discard(gpa, REPORT);
      }
    }

    void share(long day, long i) {
      SplittableRandom own = guest.random("aging " + day + " " + i);
      long pages = own.nextBoolean() ? 1 : 1 + own.nextLong(23);
      long page = own.nextLong(pieces * (REPORT / Guest.PAGE) - pages);
      long gpa = start + page * Guest.PAGE;
      int vcpu = own.nextInt(guest.vcpus());
      guest.share(vcpu, gpa, pages * Guest.PAGE);
      guest.fill(vcpu, gpa, pages * Guest.PAGE);
    }

    void giveBack(long today, long i) {
      if (today == 0 || random.nextInt(100) < values.number("kept")) {
        return;
      }
      SplittableRandom own = guest.random("aging " + (today - 1) + " " + i);
      long pages = own.nextBoolean() ? 1 : 1 + own.nextLong(23);
      long page = own.nextLong(pieces * (REPORT / Guest.PAGE) - pages);
      guest.unshare(own.nextInt(guest.vcpus()), start + page * Guest.PAGE, pages * Guest.PAGE);
    }

    /** Touches some pages of a piece, wherever it is private or shared by now. */
    void touch(long gpa) {
      int vcpu = random.nextInt(guest.vcpus());
      for (int i = 0; i < 64; i++) {
        guest.write(vcpu, gpa + random.nextLong(REPORT / Guest.PAGE) * Guest.PAGE);
      }
    }
  }
}
