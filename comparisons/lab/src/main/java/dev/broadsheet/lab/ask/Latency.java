package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.core.mmu.sync.Invalidation;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.vm.AccessOutcome;
import dev.broadsheet.core.vm.VirtualMachine;
import dev.broadsheet.core.vm.attributes.YieldHook;
import dev.broadsheet.lab.runner.MeteredMachine;
import dev.broadsheet.lab.workload.Parameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Work of one conversion for its vCPU, and whose faults retry until it is done. */
final class Latency implements Question {
  private static final long MIB2 = 1L << 21;
  private static final long GIB = 1L << 30;
  private static final long PAGE = 4096;

  @Override
  public About about() {
    return new About(
        5,
        "latency",
        "How much work is one conversion for a vCPU, and whose faults retry meanwhile?",
        "guest_memfd and TDX series, 2025 to 2026: one range and one lock for all",
        "All memory of a TD is accepted and mapped 2M. A vCPU then shares random pages of its first"
            + " GiB, random 2M blocks of its second, and whole GiB behind these; each call is one"
            + " sample. References are all that KVM and the design make for the call, until the"
            + " guest goes on. Others wait during those that are made under mmu_lock for write,"
            + " and retry during those until the invalidation ends. Blocked is the most 2M blocks in"
            + " which a fault would retry at once: by the conversion alone, and while the host also"
            + " reclaims 2M at the far end of the guest, with KVM's one range for all (union) and"
            + " with one for each (per range).",
        "20 s");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        Parameters.guest("4g", "4g", "1t"),
        Parameter.count("samples", 100, 1, 100_000, "calls", "Calls of 4K and of 2M.", "quick"),
        Parameters.seed());
  }

  private record Cell(ConfiguredStrategy strategy, String invalidation) {}

  /** What the calls of one size did. */
  private record Size(
      String name,
      ImmutableList<Long> references,
      ImmutableList<Long> waiting,
      long seamcalls,
      long demotes,
      long blocked,
      long blockedByBoth) {}

  @Override
  public AnswerTable measure(Experiment experiment) throws IOException {
    List<Cell> cells = new ArrayList<>();
    for (ConfiguredStrategy strategy : experiment.strategies()) {
      cells.add(new Cell(strategy, "union"));
      cells.add(new Cell(strategy, "per-range"));
    }
    List<List<Size>> found =
        experiment.each(
            cells,
            cell -> cell.strategy() + ", invalidation " + cell.invalidation(),
            cell -> sizes(experiment, cell));
    AnswerTable.Builder table =
        AnswerTable.builder()
            .text("size", "size")
            .text("strategy", "design")
            .count("samples", "calls")
            .count("p50", "references p50")
            .count("p99", "p99")
            .count("max", "max")
            .decimal("per-page", "p50 per 4K page")
            .count("waiting", "while others wait, p50")
            .decimal("seamcalls", "SEAMCALLs per call")
            .decimal("demotes", "demotes per call")
            .count("blocked", "2M blocked, union")
            .count("blocked-range", "per range")
            .count("both", "with reclaim, union")
            .count("both-range", "per range");
    for (int size = 0; size < 3; size++) {
      for (int i = 0; i < cells.size(); i += 2) {
        Size union = found.get(i).get(size);
        Size apart = found.get(i + 1).get(size);
        ImmutableList<Long> sorted = union.references();
        long pages = size == 0 ? 1 : size == 1 ? 512 : GIB / PAGE;
        table.row(
            union.name(),
            cells.get(i).strategy().toString(),
            sorted.size(),
            rank(sorted, 50),
            rank(sorted, 99),
            rank(sorted, 100),
            (double) rank(sorted, 50) / pages,
            rank(union.waiting(), 50),
            (double) union.seamcalls() / sorted.size(),
            (double) union.demotes() / sorted.size(),
            union.blocked(),
            apart.blocked(),
            union.blockedByBoth(),
            apart.blockedByBoth());
      }
    }
    return table.build();
  }

  /** By nearest rank, as everywhere. */
  private static long rank(ImmutableList<Long> sorted, int percent) {
    return sorted.get(Math.max(0, (sorted.size() * percent + 99) / 100 - 1));
  }

  private static List<Size> sizes(Experiment experiment, Cell cell) {
    long bytes = experiment.number("guest");
    int samples = (int) experiment.number("samples");
    Random random = new Random(experiment.number("seed"));
    String knobs = "kind=tdx,attributes=private,invalidation=" + cell.invalidation();
    try (MeteredMachine machine = experiment.machine(cell.strategy(), knobs)) {
      VirtualMachine vm = machine.vm();
      if (vm.addMemslot(0, 0, bytes) != 0) {
        throw new IllegalStateException("the machine refuses a slot of the guest's size");
      }
      vm.finalizeTd();
      for (long gpa = 0; gpa < bytes; gpa += MIB2) {
        if (vm.accept(0, gpa, MIB2).outcome() != AccessOutcome.DONE) {
          throw new IllegalStateException("the guest cannot accept 0x%x".formatted(gpa));
        }
      }
      long[] pages =
          random.longs(0, GIB / PAGE).distinct().limit(Math.min(samples, GIB / PAGE)).toArray();
      long[] blocks =
          random.longs(0, GIB / MIB2).distinct().limit(Math.min(samples, GIB / MIB2)).toArray();
      long[] whole = new long[(int) Math.min(samples, bytes / GIB - 3)];
      Arrays.setAll(whole, i -> i);
      Window window = new Window(machine, bytes);
      vm.setYieldHook(window);
      return List.of(
          window.measure("4K", pages, 0, PAGE),
          window.measure("2M", blocks, GIB, MIB2),
          window.measure("1G", whole, 2 * GIB, GIB));
    }
  }

  /** Measures calls and looks into the window of each. */
  private static final class Window implements YieldHook {
    private final MeteredMachine machine;
    private final VirtualMachine vm;
    private final Invalidation invalidation;
    private final long guestPages;
    private long opened;
    private long inWindow;
    private long alone;
    private long both;

    Window(MeteredMachine machine, long bytes) {
      this.machine = machine;
      this.vm = machine.vm();
      this.invalidation = vm.mmu().invalidation();
      this.guestPages = bytes / PAGE;
    }

    Size measure(String name, long[] places, long from, long size) {
      long[] references = new long[places.length];
      long[] waiting = new long[places.length];
      alone = 0;
      both = 0;
      long seamcalls = vm.books().getOrDefault("seamcalls", 0L);
      long demotes = vm.books().getOrDefault("tdx.demotes", 0L);
      for (int i = 0; i < places.length; i++) {
        inWindow = 0;
        long held = machine.held(MeteredMachine.MMU_LOCK_WRITE).sum();
        long before = machine.meter().references();
        long gpa = from + places[i] * size;
        if (!vm.mapGpa(0, gpa, size, /* toPrivate= */ false).isSuccess()) {
          throw new IllegalStateException(
              "conversion of %s at 0x%x is refused".formatted(name, gpa));
        }
        references[i] = machine.meter().references() - before;
        waiting[i] = machine.held(MeteredMachine.MMU_LOCK_WRITE).sum() - held + inWindow;
      }
      return new Size(
          name,
          sorted(references),
          sorted(waiting),
          vm.books().getOrDefault("seamcalls", 0L) - seamcalls,
          vm.books().getOrDefault("tdx.demotes", 0L) - demotes,
          alone,
          both);
    }

    private static ImmutableList<Long> sorted(long[] samples) {
      return Arrays.stream(samples).sorted().boxed().collect(ImmutableList.toImmutableList());
    }

    @Override
    public void letRun(Phase phase, long next) {
      if (phase == Phase.INVALIDATED) {
        opened = machine.meter().references();
        alone = Math.max(alone, blocked(next));
        vm.mmu().lock().lockWrite();
        invalidation.begin();
        invalidation.add(guestPages - 512, guestPages);
        vm.mmu().lock().unlockWrite();
        both = Math.max(both, blocked(next));
        vm.mmu().lock().lockWrite();
        invalidation.end();
        vm.mmu().lock().unlockWrite();
      } else if (phase == Phase.STORED) {
        inWindow += machine.meter().references() - opened;
      }
    }

    private long blocked(long next) {
      long now = 0;
      for (long gfn = 0; gfn < guestPages; gfn += 512) {
        now += covers(gfn, next) ? 1 : 0;
      }
      return now;
    }

    /** The converted range begins at {@code next}, perhaps inside the block. */
    private boolean covers(long block, long next) {
      return invalidation.covers(block)
          || invalidation.covers(block + 511)
          || (next > block && next < block + 512);
    }
  }

  @Override
  public String sentence(AnswerTable table) {
    StringBuilder sentence = new StringBuilder();
    for (String size : table.texts("size")) {
      List<AnswerTable.Row> rows = Rows.candidates(table.where("size", size));
      AnswerTable.Row best = Rows.least(rows, "p50");
      AnswerTable.Row worst = Rows.most(rows, "p50");
      sentence.append(
          "%s %s costs %s (%s) to %s (%s)"
              .formatted(
                  sentence.isEmpty() ? "Sharing" : ",",
                  size,
                  best.shown("p50"),
                  best.text("strategy"),
                  worst.shown("p50"),
                  worst.text("strategy")));
    }
    AnswerTable.Row small = Rows.most(table.where("size", table.texts("size").get(0)), "both");
    sentence.append(
        " references at the median. Faults in up to %s blocks of 2M retry while one page is converted, and in %s while the host also reclaims far away; with a range for each it would be %s and %s."
            .formatted(
                small.shown("blocked"),
                small.shown("both"),
                small.shown("blocked-range"),
                small.shown("both-range")));
    return sentence.toString();
  }

  @Override
  public AnswerChart chart() {
    return AnswerChart.bars("References for one conversion, median", "p50", "strategy", "", "size")
        .logarithmic();
  }
}
