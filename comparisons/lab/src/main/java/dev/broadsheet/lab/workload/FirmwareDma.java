package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.trace.AccessType;
import java.util.SplittableRandom;

/** W4: firmware without a DMA pool converts a few pages around each transfer. */
final class FirmwareDma implements Pattern {
  /** GFN 0x800-0x805 are pages that the VMM added; the guest accepts the rest up to 0xa00. */
  static final long EDGE = 0x806L << 12;

  private static final long EDGE_BLOCK = 0x800L << 12;

  /** From the top of low RAM down to gfn 0x7d3ff of a guest with 2 GiB there. */
  private static final long WINDOW_BELOW_TOP = (0x80000L - 0x7d3ffL) << 12;

  /** From the top of low RAM down to gfn 0x7e800 of a guest with 2 GiB there. */
  private static final long BLOCK_BELOW_TOP = (0x80000L - 0x7e800L) << 12;

  /** The three hot pages, 7d9d7, 7d9da and 7d9d9, counted from the start of the window. */
  private static final long[] HOT = {0x7d9d7 - 0x7d3ff, 0x7d9da - 0x7d3ff, 0x7d9d9 - 0x7d3ff};

  private static final String MEASURED = "Yan Zhao, 26 Jun 2025: 974, 476 and 156 of about 1,692";

  @Override
  public Description description() {
    return Description.of(
        "W4",
        "firmware-dma",
        "convert/free pairs around each firmware transfer",
        "Firmware shares 1 to 8 pages for a transfer and takes them back, again and again in the"
            + " same few places, and accepts each page at 4K.",
        "edk2 commit c4e76d2fba (18 Dec 2022): about 5,000 pairs in one grub boot, most below 32"
            + " KiB; Yan Zhao (Jun 2025): where the 4K accepts of one boot fall",
        "C to shared, F, C to private, A at 4K, F; before it A at 4K of one block that begins with"
            + " added pages, after it one 2M block shared and taken back at 4K.",
        "");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(8),
        Parameter.count(
            "pairs", 5000, 0, 10_000_000, "pairs", "Transfers with a pair each.", "edk2 commit"),
        Parameter.count(
            "window",
            5120,
            16,
            5120,
            "4K pages",
            "Memory in which the buffers lie, from gfn 7d3ff (with 2 GiB of low RAM).",
            "Yan Zhao, Jun 2025"),
        Parameter.count("hot-1", 974, 0, 1 << 20, "parts", "Weight of the hottest page.", MEASURED),
        Parameter.count("hot-2", 476, 0, 1 << 20, "parts", "Weight of the next page.", MEASURED),
        Parameter.count("hot-3", 156, 0, 1 << 20, "parts", "Weight of the third page.", MEASURED),
        Parameter.count("rest", 86, 1, 1 << 20, "parts", "Weight of all other pages.", MEASURED),
        Parameter.count(
            "max-pages",
            8,
            1,
            8,
            "4K pages",
            "Largest buffer outside the three hot pages; each size is half as likely as the one"
                + " before.",
            "most are below 32 KiB (edk2 commit)"),
        Parameter.count(
            "edge",
            506,
            0,
            506,
            "4K pages",
            "Accepted once each, from gfn 806.",
            "Yan Zhao, Jun 2025"),
        Parameter.word(
            "block",
            CommonParameters.YES,
            "Whether one 2M block at gfn 7e800 is shared whole and taken back at 4K.",
            "Yan Zhao, Jun 2025: 512 accepts, once each"));
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    added(guest, stage);
    edge(values, guest, stage);
    transfers(values, guest, stage);
  }

  /** Appends the pages that the VMM adds to the block of the edge, before the guest runs. */
  static void added(Guest guest, Stage stage) {
    stage.once(() -> guest.initial(EDGE_BLOCK, EDGE - EDGE_BLOCK));
  }

  /** Appends the accepts of the block that begins with added pages. */
  static void edge(Values values, Guest guest, Stage stage) {
    stage.once(
        () -> {
          guest.mark("firmware-edge");
          for (long i = 0; i < values.number("edge"); i++) {
            long gpa = EDGE + i * Guest.PAGE;
            guest.accept(0, gpa, Guest.PAGE);
            guest.write(0, gpa);
          }
        });
  }

  /** Appends the pairs and the block. */
  static void transfers(Values values, Guest guest, Stage stage) {
    long window = guest.shape().lowEnd() - WINDOW_BELOW_TOP;
    Transfers transfers = new Transfers(values, guest, window);
    stage.once(
        () -> {
          guest.mark("firmware-dma");
          long from = Places.alignDown(window, Guest.LARGE);
          long to = window + values.number("window") * Guest.PAGE;
          for (long gpa = from; gpa < to; gpa += Guest.LARGE) {
            guest.acceptOnDemand(0, gpa);
          }
        });
    stage.times(values.number("pairs"), pair -> transfers.next());
    if (values.yes("block")) {
      long block = guest.shape().lowEnd() - BLOCK_BELOW_TOP;
      stage.once(
          () -> {
            guest.share(0, block, Guest.LARGE);
            guest.fill(0, block, 16 * Guest.PAGE);
            guest.convert(0, block, Guest.LARGE, true);
            for (long gpa = block; gpa < block + Guest.LARGE; gpa += Guest.PAGE) {
              guest.accept(0, gpa, Guest.PAGE);
            }
          });
    }
  }

  /** Deals the pairs out so that each page gets its share exactly, in an order without order. */
  private static final class Transfers {
    private final Guest guest;
    private final SplittableRandom random;
    private final long window;
    private final long windowPages;
    private final int maxPages;
    private final long[] left = new long[4];
    private final long[] hot = new long[3];
    private final Walk others;
    private long other;

    Transfers(Values values, Guest guest, long window) {
      this.guest = guest;
      this.window = window;
      this.random = guest.random("W4");
      this.windowPages = values.number("window");
      this.maxPages = values.count("max-pages");
      this.others = new Walk(windowPages, random);
      long[] weights = {
        values.number("hot-1"),
        values.number("hot-2"),
        values.number("hot-3"),
        values.number("rest")
      };
      long sum = weights[0] + weights[1] + weights[2] + weights[3];
      long pairs = values.number("pairs");
      left[3] = pairs;
      for (int i = 0; i < 3; i++) {
        left[i] = (2 * pairs * weights[i] + sum) / (2 * sum);
        left[3] -= left[i];
        hot[i] = HOT[1] < windowPages ? HOT[i] : others.at(i);
      }
      left[3] = Math.max(0, left[3]);
    }

    void next() {
      long draw = random.nextLong(left[0] + left[1] + left[2] + left[3]);
      int which = 0;
      while (draw >= left[which]) {
        draw -= left[which++];
      }
      left[which]--;
      long page;
      int pages = 1;
      if (which < 3) {
        page = hot[which];
      } else {
        do {
          page = others.at(other);
          other = other + 1 == windowPages ? 0 : other + 1;
        } while (page == hot[0] || page == hot[1] || page == hot[2]);
        while (pages < maxPages && random.nextBoolean()) {
          pages++;
        }
        page = Math.min(page, windowPages - pages);
      }
      transfer(window + page * Guest.PAGE, pages * Guest.PAGE);
    }

    private void transfer(long gpa, long bytes) {
      guest.share(0, gpa, bytes);
      for (long at = gpa; at < gpa + bytes; at += Guest.PAGE) {
        guest.access(Guest.ACCESS_NANOS, 0, at, AccessType.WRITE);
      }
      guest.convert(0, gpa, bytes, true);
      for (long at = gpa; at < gpa + bytes; at += Guest.PAGE) {
        guest.accept(0, at, Guest.PAGE);
        guest.access(Guest.ACCESS_NANOS, 0, at, AccessType.READ);
      }
    }
  }
}
