package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.core.memory.FailingMemory;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.tdx.ModuleMemory;
import dev.broadsheet.core.vm.MapGpaResult;
import dev.broadsheet.core.vm.VirtualMachine;
import dev.broadsheet.core.vm.VmSpec;
import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.runner.MeteredMachine;
import dev.broadsheet.lab.workload.Parameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Each allocation of a conversion fails in turn: what state is left, and what must be undone. */
final class Failure implements Question {
  private static final long PAGE = 4096;
  private static final long MIB2 = 1L << 21;
  private static final long GUEST = 16 * MIB2;

  @Override
  public About about() {
    return new About(
        12,
        "failure",
        "After a failed conversion, is every structure still consistent, and what must be undone?",
        "guest_memfd series (EAGAIN, partial splits), January and September 2026",
        "A small TD is accepted and mapped 2M, and one MapGPA call is made while memory runs dry for"
            + " one allocation: the first, then the second, until the call needs fewer. Absorbed"
            + " failures are not seen by the guest; failed calls stop at an address. Then: does the"
            + " machine's whole audit pass; is exactly the part before that address converted; how"
            + " many 2M leaves were split, and pages unmapped, behind it for nothing (they stay so:"
            + " nothing undoes a demote); does the call succeed when it is made again.",
        "10 s");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        Parameter.count(
            "most",
            400,
            1,
            1_000_000,
            "allocations",
            "Allocations that fail in turn, at most.",
            "more than any call here needs"));
  }

  /** A MapGPA call to private or to shared, in a guest that is private but for its last blocks. */
  private record Call(String name, long gpa, long bytes, boolean toPrivate) {}

  private static final List<Call> CALLS =
      List.of(
          new Call("share 4K inside 2M", 5 * PAGE, PAGE, false),
          new Call("share 2M", 2 * MIB2, MIB2, false),
          new Call("share 8M off by one page", 3 * MIB2 + PAGE, 4 * MIB2, false),
          new Call("take 4K back", GUEST - MIB2 + 7 * PAGE, PAGE, true),
          new Call("take 4M back", GUEST - 3 * MIB2, 2 * MIB2, true));

  private record Cell(ConfiguredStrategy strategy, Call call) {}

  @Override
  public AnswerTable measure(Experiment experiment) throws IOException {
    List<Cell> cells = new ArrayList<>();
    for (Call call : CALLS) {
      experiment.strategies().forEach(strategy -> cells.add(new Cell(strategy, call)));
    }
    AnswerTable.Builder table =
        AnswerTable.builder()
            .text("call", "call")
            .text("strategy", "design")
            .count("allocations", "allocations")
            .count("absorbed", "absorbed")
            .count("failed", "failed calls")
            .count("inconsistent", "inconsistent after")
            .count("partial", "stopped half way")
            .count("demotes", "demotes for nothing")
            .count("unmapped", "pages unmapped for nothing")
            .bytes("left", "bytes left, most")
            .count("retried", "succeed again");
    experiment
        .each(
            cells,
            cell -> cell.call().name() + " under " + cell.strategy(),
            cell -> row(experiment, cell))
        .forEach(table::row);
    return table.build();
  }

  /** What failures of a call added up to. */
  private static final class Tally {
    private long absorbed;
    private long failed;
    private long inconsistent;
    private long partial;
    private long demotes;
    private long unmapped;
    private long left;
    private long retried;
  }

  private static Object[] row(Experiment experiment, Cell cell) {
    Tally tally = new Tally();
    long most = experiment.number("most");
    long n = 1;
    while (n <= most && fails(experiment, cell, n, tally)) {
      n++;
    }
    return new Object[] {
      cell.call().name(),
      cell.strategy().toString(),
      n - 1,
      tally.absorbed,
      tally.failed,
      tally.inconsistent,
      tally.partial,
      tally.demotes,
      tally.unmapped,
      tally.left,
      tally.retried
    };
  }

  /** Lets the n-th allocation of the call fail; returns whether it has so many. */
  private static boolean fails(Experiment experiment, Cell cell, long n, Tally tally) {
    FailingMemory[] failing = new FailingMemory[1];
    VmSpec spec = VmSpec.parse("kind=tdx,attributes=private,dynamic-pamt=on,host-gib=1");
    try (MeteredMachine machine =
        MeteredMachine.create(
            cell.strategy(),
            experiment.registry(),
            spec,
            memory -> {
              failing[0] = new FailingMemory(memory, ModuleMemory::isKernels);
              return failing[0];
            })) {
      VirtualMachine vm = machine.vm();
      prepare(vm);
      Call call = cell.call();
      long bytes = bytes(machine);
      long demotes = vm.books().getOrDefault("tdx.demotes", 0L);
      long mapped = mapped(vm, call);
      failing[0].failAt(n);
      MapGpaResult result = vm.mapGpa(0, call.gpa(), call.bytes(), call.toPrivate());
      failing[0].disarm();
      if (failing[0].lastFailure().isEmpty()) {
        return false;
      }
      String wrong = inconsistency(vm, call, result);
      if (wrong != null) {
        tally.inconsistent++;
      }
      if (result.isSuccess()) {
        tally.absorbed++;
        return true;
      }
      tally.failed++;
      if (result.next() == call.gpa()) {
        tally.demotes += vm.books().getOrDefault("tdx.demotes", 0L) - demotes;
        tally.unmapped += mapped - mapped(vm, call);
        tally.left = Math.max(tally.left, bytes(machine) - bytes);
      } else {
        tally.partial++;
      }
      long rest = call.gpa() + call.bytes() - result.next();
      MapGpaResult again = vm.mapGpa(0, result.next(), rest, call.toPrivate());
      if (again.isSuccess() && inconsistency(vm, call, again) == null) {
        tally.retried++;
      }
      return true;
    }
  }

  private static void prepare(VirtualMachine vm) {
    if (vm.addMemslot(0, 0, GUEST) != 0) {
      throw new IllegalStateException("the machine refuses a slot of the guest's size");
    }
    vm.finalizeTd();
    vm.accept(0, 0, GUEST);
    if (!vm.mapGpa(0, GUEST - 4 * MIB2, 4 * MIB2, /* toPrivate= */ false).isSuccess()) {
      throw new IllegalStateException("the guest cannot share its last blocks");
    }
  }

  private static long bytes(MeteredMachine machine) {
    return HostBytes.kernels(machine);
  }

  /** Returns the pages of the call's range that are mapped private. */
  private static long mapped(VirtualMachine vm, Call call) {
    long mapped = 0;
    for (long gfn = call.gpa() >>> 12; gfn < (call.gpa() + call.bytes()) >>> 12; gfn++) {
      mapped += vm.mappingLevel(gfn, PageTables.Tree.MIRROR) > 0 ? 1 : 0;
    }
    return mapped;
  }

  /** Returns what is wrong with the machine behind a call, or null. */
  private static @Nullable String inconsistency(VirtualMachine vm, Call call, MapGpaResult result) {
    int now = call.toPrivate() ? PageAttributes.PRIVATE : PageAttributes.SHARED;
    int other = call.toPrivate() ? PageAttributes.SHARED : PageAttributes.PRIVATE;
    for (long gfn = call.gpa() >>> 12; gfn < (call.gpa() + call.bytes()) >>> 12; gfn++) {
      int wanted = result.isSuccess() || gfn < result.next() >>> 12 ? now : other;
      if (vm.attributes(gfn) != wanted) {
        return "gfn 0x%x has attributes %d".formatted(gfn, vm.attributes(gfn));
      }
    }
    long first = PageLevel.PG_LEVEL_2M.roundDown(call.gpa() >>> 12);
    for (long gfn = first; gfn < (call.gpa() + call.bytes()) >>> 12; gfn += 512) {
      int attributes = vm.attributes(gfn);
      boolean uniform = vm.tracker().firstDifference(gfn, gfn + 512, attributes) == gfn + 512;
      if (!uniform && vm.effectiveLevel(gfn) != PageLevel.PG_LEVEL_4K) {
        return "the mixed block at gfn 0x%x may be mapped large".formatted(gfn);
      }
    }
    try {
      vm.audit();
      return null;
    } catch (IllegalStateException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Override
  public String sentence(AnswerTable table) {
    List<AnswerTable.Row> rows = table.stream().toList();
    long failed = sum(rows, "failed");
    long inconsistent = sum(rows, "inconsistent");
    AnswerTable.Row undone = Rows.most(rows, "demotes");
    AnswerTable.Row most = Rows.most(rows, "allocations");
    return "Of %s failed allocations the guest noticed %s; %s, and %s of the %s calls succeeded when made again. Left behind were %s and %s; the call with most places to fail is '%s' under %s (%s)%s."
        .formatted(
            Units.count(sum(rows, "allocations")),
            Units.count(failed),
            inconsistent == 0
                ? "every structure was consistent after each"
                : Rows.count(inconsistent, "left a structure", "left structures") + " inconsistent",
            Units.count(sum(rows, "retried")),
            Units.count(failed),
            Rows.count(sum(rows, "demotes"), "demote", "demotes"),
            Rows.count(sum(rows, "unmapped"), "unmapped page", "unmapped pages"),
            most.text("call"),
            most.text("strategy"),
            most.shown("allocations"),
            undone.number("demotes") == 0
                ? ""
                : ", and most demotes to undo has '%s' under %s (%s)"
                    .formatted(
                        undone.text("call"), undone.text("strategy"), undone.shown("demotes")));
  }

  private static long sum(List<AnswerTable.Row> rows, String column) {
    return rows.stream().mapToLong(row -> row.number(column)).sum();
  }

  @Override
  public AnswerChart chart() {
    return AnswerChart.bars(
        "Allocations of a call that can fail it", "failed", "strategy", "", "call");
  }
}
