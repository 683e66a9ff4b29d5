package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import java.util.SplittableRandom;

/** W11: page-state changes that come as lists. */
final class RequestBatches implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "W11",
        "request-batches",
        "lists of mixed page-state changes",
        "The guest asks for page-state changes in lists: 4K and 2M entries, to shared and to"
            + " private, in runs of neighbours.",
        "SNP page-state request: at most 253 entries, Linux sends 64; KVM merges neighbouring equal"
            + " entries into one exit (Linux 6.12)",
        "A mark before each list; its entries are C lines at one moment, neighbours merged into one"
            + " with merge=yes; A behind those to private.",
        "That a list is one request: what could be saved by taking it as a whole is not seen, nor"
            + " its order of locks.");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(4),
        Parameter.count("batches", 200, 1, 1_000_000, "lists", "Lists in all.", "chosen"),
        Parameter.count("entries", 64, 1, 253, "entries", "Entries of a list.", "Linux; ABI 253"),
        Parameter.count("run", 8, 1, 64, "entries", "Neighbours that change together.", "chosen"),
        Parameter.percent("large", 20, "Share of the runs whose entries are 2M.", "chosen"),
        Parameter.percent("private", 50, "Share of the runs that go back to private.", "chosen"),
        Parameter.word(
            "merge", CommonParameters.YES, "Whether neighbours become one conversion.", "KVM"));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    Places.requireHeap(shape, 2 * values.number("run") * Guest.LARGE, "two runs");
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    Batches batches = new Batches(values, guest);
    stage.times(values.number("batches"), batch -> batches.next((int) (batch % guest.vcpus())));
  }

  /** Runs are shared in order and taken back in the same order; each has a place in a ring. */
  private static final class Batches {
    private final Values values;
    private final Guest guest;
    private final SplittableRandom random;
    private final long run;
    private final long places;
    private long shared;
    private long returned;
    private long runStart;
    private long entryBytes;
    private long inRun;
    private boolean toPrivate;
    private long pendingStart;
    private long pendingEnd;

    Batches(Values values, Guest guest) {
      this.values = values;
      this.guest = guest;
      this.random = guest.random("W11");
      this.run = values.number("run");
      this.inRun = run;
      GuestShape shape = guest.shape();
      this.places = (Places.heapEnd(shape) - Places.heap(shape)) / (run * Guest.LARGE);
    }

    void next(int vcpu) {
      guest.mark("list of " + values.number("entries"));
      guest.pause(Guest.CONVERT_NANOS);
      for (long entry = 0; entry < values.number("entries"); entry++) {
        if (inRun == run) {
          flush(vcpu);
          begin(vcpu);
        }
        long gpa = runStart + inRun++ * entryBytes;
        if (pendingEnd != gpa || !values.yes("merge")) {
          flush(vcpu);
          pendingStart = gpa;
        }
        pendingEnd = gpa + entryBytes;
      }
      flush(vcpu);
      if (!toPrivate) {
        guest.write(vcpu, runStart);
      }
    }

    private void begin(int vcpu) {
      boolean back = random.nextInt(100) < values.number("private");
      toPrivate = shared - returned == places || (back && returned < shared);
      long number = toPrivate ? returned++ : shared++;
      SplittableRandom own = guest.random("W11 run " + number);
      boolean large = own.nextInt(100) < values.number("large");
      entryBytes = large ? Guest.LARGE : Guest.PAGE;
      runStart =
          Places.heap(guest.shape())
              + number % places * run * Guest.LARGE
              + (large ? 0 : own.nextLong(512 - run) * Guest.PAGE);
      inRun = 0;
      if (!toPrivate) {
        for (long at = runStart; at < runStart + run * entryBytes; at += Guest.PAGE) {
          guest.acceptOnDemand(vcpu, at);
        }
      }
    }

    private void flush(int vcpu) {
      if (pendingEnd > pendingStart) {
        guest.convertAfter(0, vcpu, pendingStart, pendingEnd - pendingStart, toPrivate);
        if (toPrivate) {
          guest.acceptRange(vcpu, pendingStart, pendingEnd - pendingStart);
        }
      }
      pendingStart = 0;
      pendingEnd = 0;
    }
  }
}
