package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.trace.AttributeRuns;
import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.EventStream;
import dev.broadsheet.lab.trace.TraceEvent;
import dev.broadsheet.lab.trace.TraceSlot;
import dev.broadsheet.lab.workload.Parameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** How much of its bitmap a VMM reads to classify a converted range. */
final class VmmCopy implements Question {
  private static final int BITS = 64;

  @Override
  public About about() {
    return new About(
        15,
        "vmm-copy",
        "Does the VMM's own copy of the attributes scale?",
        "by reading QEMU's ram-block-attributes.c, 10.1",
        "QEMU keeps one bit for each page of a RAM block, set while it is shared, and asks of each"
            + " converted range whether all of it is set, or clear. It looks for the first bit of"
            + " the other kind. As written the search goes on to the end of the bitmap; bounded, it"
            + " stops behind the range. Counted are the 64-bit words that both read, for guests of"
            + " several sizes: their boot, and one page shared in an all-private guest. This is a"
            + " count by reading of that source, not a run of QEMU.",
        "10 s");
  }

  @Override
  public Designs designs() {
    return Designs.NONE;
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(Parameters.guest("64g", "48g", "4t"), Parameters.seed());
  }

  private record Cell(String pattern, long guest, Patterns.Named trace) {}

  /** Words read over all conversions, and by the worst. */
  private static final class Reads {
    private long conversions;
    private long open;
    private long bounded;
    private long worst;

    /** Looks for the first bit that differs, as QEMU does once for each kind. */
    void classify(AttributeRuns bits, long start, long end, long blockEnd) {
      conversions++;
      long both = 0;
      for (int kind : new int[] {PageAttributes.PRIVATE, PageAttributes.SHARED}) {
        long first = bits.firstDifference(start, blockEnd, kind);
        both += words(start, first);
        bounded += words(start, Math.min(first, end));
      }
      open += both;
      worst = Math.max(worst, both);
    }

    private static long words(long start, long first) {
      return first / BITS - start / BITS + 1;
    }
  }

  @Override
  public AnswerTable measure(Experiment experiment) throws IOException {
    List<Cell> cells = new ArrayList<>();
    long guest = experiment.number("guest");
    for (long size : new long[] {guest / 16, guest / 4, guest}) {
      String sized =
          "ram=%s,seed=%d".formatted(Parameter.sizeText(size), experiment.number("seed"));
      cells.add(new Cell("boot", size, Patterns.generated("boot", "boot-td-4g[" + sized + "]")));
      cells.add(
          new Cell(
              "first page",
              size,
              Patterns.generated("first page", "W9[" + sized + ",vcpus=1,pages=1]")));
    }
    AnswerTable.Builder table =
        AnswerTable.builder()
            .text("pattern", "pattern")
            .bytes("guest", "guest")
            .count("conversions", "conversions")
            .count("open", "words read as written")
            .count("bounded", "words read bounded")
            .decimal("each", "as written, per conversion")
            .decimal("each-bounded", "bounded, per conversion")
            .bytes("worst", "worst conversion reads");
    experiment
        .each(cells, cell -> cell.pattern() + ", " + Units.bytes(cell.guest()), VmmCopy::row)
        .forEach(table::row);
    return table.build();
  }

  private static Object[] row(Cell cell) throws IOException {
    AttributeRuns bits = new AttributeRuns(PageAttributes.PRIVATE);
    Reads reads = new Reads();
    try (EventStream stream = cell.trace().trace().open()) {
      List<TraceSlot> slots = stream.header().slots();
      long blockPages =
          slots.stream().filter(TraceSlot::isRam).mapToLong(TraceSlot::bytes).sum() >>> 12;
      TraceEvent event = new TraceEvent();
      while (stream.next(event)) {
        if (event.kind() != EventKind.CONVERT) {
          continue;
        }
        // One RAM block holds the memory below and above 4 GiB without the hole between.
        long base = 0;
        for (TraceSlot slot : slots) {
          if (!slot.isRam()) {
            continue;
          }
          long from = (Math.max(event.gpa(), slot.gpa()) - slot.gpa()) >>> 12;
          long to = (Math.min(event.end(), slot.end()) >>> 12) - (slot.gpa() >>> 12);
          if (event.gpa() < slot.end() && from < to) {
            reads.classify(bits, base + from, base + to, blockPages);
            bits.convert(
                base + from,
                base + to,
                event.isPrivate() ? PageAttributes.PRIVATE : PageAttributes.SHARED);
          }
          base += slot.bytes() >>> 12;
        }
      }
    }
    double conversions = Math.max(1, reads.conversions);
    return new Object[] {
      cell.pattern(),
      cell.guest(),
      reads.conversions,
      reads.open,
      reads.bounded,
      reads.open / conversions,
      reads.bounded / conversions,
      reads.worst * (BITS / 8)
    };
  }

  @Override
  public String sentence(AnswerTable table) {
    List<AnswerTable.Row> boots = table.where("pattern", "boot");
    AnswerTable.Row small = Rows.least(boots, "guest");
    AnswerTable.Row large = Rows.most(boots, "guest");
    AnswerTable.Row worst = Rows.most(table.stream().toList(), "worst");
    return "Counted by reading, a boot's classifications read %s words as written and %s bounded in a guest of %s, %s and %s in one of %s: as written the work grows %s, bounded %s, while the guest grows %s; the worst single conversion reads %s."
        .formatted(
            small.shown("open"),
            small.shown("bounded"),
            small.shown("guest"),
            large.shown("open"),
            large.shown("bounded"),
            large.shown("guest"),
            Rows.times(large.value("open"), small.value("open")),
            Rows.times(large.value("bounded"), small.value("bounded")),
            Rows.times(large.value("guest"), small.value("guest")),
            worst.shown("worst"));
  }

  @Override
  public AnswerChart chart() {
    return AnswerChart.lines(
        "Words read for each conversion, as written", "guest", "each", "pattern");
  }
}
