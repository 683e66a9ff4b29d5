package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import java.util.SplittableRandom;

/** W10: big buffers shared page by page. */
final class ScatteredBuffers implements Pattern {
  private static final long SPREAD = 4;

  @Override
  public Description description() {
    return Description.of(
        "W10",
        "scattered-buffers",
        "big buffers as lists of scattered pages",
        "A network driver shares buffers of 16 to 32 MiB as lists of pages that lie anywhere in four"
            + " times as much memory.",
        "Hyper-V network driver: about 510 pages in one visibility call",
        "One C per page; the pages of one list have the same time, and a mark stands before each"
            + " list.",
        "A list is one hypercall; here it is as many conversions as pages, so that what a tracker"
            + " could save by taking the list as a whole is not seen.");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(4),
        Parameter.count(
            "buffers",
            2,
            1,
            1024,
            "buffers",
            "Buffers, one after the other.",
            "send" + " and receive"),
        Parameter.bytes("bytes", "16m", "4k", "1g", "Size of one buffer.", "16 to 32 MiB"),
        Parameter.count("batch", 510, 1, 4096, "pages", "Pages in one list.", "Hyper-V"),
        Parameter.percent(
            "contiguity", 50, "Share of the pages that follow the page before.", "chosen"));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    Places.requireHeap(
        shape, SPREAD * values.number("bytes") * values.number("buffers"), "the buffers");
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    long pages = values.number("bytes") / Guest.PAGE;
    for (long buffer = 0; buffer < values.number("buffers"); buffer++) {
      long area = Places.heap(guest.shape()) + buffer * SPREAD * values.number("bytes");
      String name = "W10 buffer " + buffer;
      Scatter cleared = new Scatter(guest, area, pages, values, name);
      Scatter shared = new Scatter(guest, area, pages, values, name);
      Scatter used = new Scatter(guest, area, pages, values, name);
      long batch = values.number("batch");
      stage.times(pages, page -> guest.write(0, cleared.next()));
      stage.times(
          pages,
          page -> {
            boolean begins = page % batch == 0;
            if (begins) {
              guest.mark("list of " + Math.min(batch, pages - page));
            }
            guest.convertAfter(
                begins ? Guest.CONVERT_NANOS : 0, 0, shared.next(), Guest.PAGE, false);
          });
      stage.times(pages, page -> guest.write((int) (page % guest.vcpus()), used.next()));
    }
  }

  /** Pages in runs; each run begins one cell of the area, and the cells come in no order. */
  private static final class Scatter {
    private final long area;
    private final long contiguity;
    private final SplittableRandom random;
    private final Walk cells;
    private final long cellPages;
    private long cell;
    private long inCell;

    Scatter(Guest guest, long area, long pages, Values values, String name) {
      this.area = area;
      this.contiguity = values.number("contiguity");
      this.random = guest.random(name);
      // The longer the runs, the longer the cells; there are about twice as many as needed.
      this.cellPages =
          contiguity == 100 ? pages * SPREAD : Math.max(SPREAD, 200 / (100 - contiguity));
      this.cells = new Walk(Math.max(1, pages * SPREAD / cellPages), random);
    }

    /** Returns the address of the next page. */
    long next() {
      boolean follows = inCell > 0 && inCell < cellPages && random.nextInt(100) < contiguity;
      if (!follows && inCell > 0) {
        cell++;
        inCell = 0;
      }
      return area + (cells.at(cell) * cellPages + inCell++) * Guest.PAGE;
    }
  }
}
