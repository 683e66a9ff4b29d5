package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.vm.Access;
import dev.broadsheet.core.vm.AccessOutcome;
import dev.broadsheet.core.vm.AccessResult;
import dev.broadsheet.core.vm.VirtualMachine;
import dev.broadsheet.core.vm.attributes.YieldHook;
import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.runner.MeteredMachine;
import dev.broadsheet.lab.workload.Parameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Every small overlap of a conversion and a fault, on the machine as it is and on defective ones.
 */
final class Races implements Question {
  private static final String DEFECT = "no-edge-guards";
  private static final int BLOCK = 512;
  private static final long GUEST = 4L * BLOCK;

  @Override
  public About about() {
    return new About(
        11,
        "races",
        "Which interleavings let a mapping cover mixed pages?",
        "fixed bugs in KVM, April and May 2025",
        "One vCPU converts a range of a small guest; another touches one page at one of the points"
            + " where mmu_lock is free: mappings gone, half stored, all stored. All combinations of"
            + " five ranges, both directions, three points, every page beside an edge of range or"
            + " block, guest mapped before or not, as the attribute says at that moment. Afterwards"
            + " the audit says whether a mapping covers both kinds;"
            + " a conversion that breaks off on such a mapping counts too. no-edge-guards is KVM before it"
            + " invalidated the blocks at a range's edges. A fault that began before the conversion"
            + " is not among these; the core's own tests interleave it access by access.",
        "20 s");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        Parameter.count(
            "ranges", 5, 1, 5, "ranges", "How many of the five ranges are converted.", "all"),
        Parameter.count(
            "vcpus", 2, 2, 64, "vCPUs", "Virtual CPUs; all but the converter touch.", "a pair"));
  }

  private record Cell(ConfiguredStrategy strategy, String kind, String defect) {}

  /** One overlap. */
  private record Overlap(
      long start, long end, boolean toPrivate, boolean mapped, YieldHook.Phase phase, long page) {
    @Override
    public String toString() {
      return "%s [%d, %d), %s, %s: page %d"
          .formatted(
              toPrivate ? "take back" : "share",
              start,
              end,
              mapped ? "mapped before" : "not mapped",
              phase,
              page);
    }
  }

  private static List<Overlap> overlaps(long count) {
    long[][] ranges = {{5, 6}, {0, 1}, {BLOCK - 1, BLOCK + 1}, {1, BLOCK + 1}, {BLOCK, 2 * BLOCK}};
    List<Overlap> overlaps = new ArrayList<>();
    for (long[] range : Arrays.copyOf(ranges, (int) count)) {
      long[] pages = {
        0,
        range[0],
        range[0] + 1,
        range[1] - 1,
        range[1],
        BLOCK - 1,
        BLOCK,
        2 * BLOCK - 1,
        2 * BLOCK
      };
      for (long page : Arrays.stream(pages).distinct().sorted().toArray()) {
        for (YieldHook.Phase phase : YieldHook.Phase.values()) {
          for (boolean toPrivate : new boolean[] {false, true}) {
            for (boolean mapped : new boolean[] {false, true}) {
              overlaps.add(new Overlap(range[0], range[1], toPrivate, mapped, phase, page));
            }
          }
        }
      }
    }
    return overlaps;
  }

  @Override
  public AnswerTable measure(Experiment experiment) throws IOException {
    List<Cell> cells = new ArrayList<>();
    for (String defect : List.of("none", DEFECT)) {
      for (String kind : List.of("swprot", "tdx")) {
        experiment.strategies().forEach(s -> cells.add(new Cell(s, kind, defect)));
      }
    }
    AnswerTable.Builder table =
        AnswerTable.builder()
            .text("defect", "defect")
            .text("kind", "machine")
            .text("strategy", "design")
            .count("overlaps", "overlaps")
            .count("happened", "touched in between")
            .count("retried", "made to retry")
            .count("bad", "mixed pages covered")
            .text("first", "first bad one");
    experiment
        .each(
            cells,
            cell -> "%s, %s, defect %s".formatted(cell.strategy(), cell.kind(), cell.defect()),
            cell -> row(experiment, cell))
        .forEach(table::row);
    return table.build();
  }

  private static Object[] row(Experiment experiment, Cell cell) {
    long[] counts = new long[3];
    String first = "";
    List<Overlap> overlaps = overlaps(experiment.number("ranges"));
    for (Overlap overlap : overlaps) {
      boolean harmless;
      try {
        harmless = isHarmless(experiment, cell, overlap, counts);
      } catch (IllegalStateException e) {
        harmless = false; // the conversion met the wrong mapping and broke off
      }
      if (!harmless) {
        counts[2]++;
        first = first.isEmpty() ? overlap.toString() : first;
      }
    }
    return new Object[] {
      cell.defect(),
      cell.kind(),
      cell.strategy().toString(),
      overlaps.size(),
      counts[0],
      counts[1],
      counts[2],
      first
    };
  }

  private static boolean isHarmless(
      Experiment experiment, Cell cell, Overlap overlap, long[] counts) {
    String knobs =
        "kind=%s,attributes=%s,shared-backing=h2m,host-gib=1,max-level=2m,defect=%s,vcpus=%d"
            .formatted(
                cell.kind(),
                overlap.toPrivate() ? "shared" : "private",
                cell.defect(),
                experiment.number("vcpus"));
    try (MeteredMachine machine = experiment.machine(cell.strategy(), knobs)) {
      VirtualMachine vm = machine.vm();
      if (vm.addMemslot(0, 0, GUEST << 12) != 0) {
        throw new IllegalStateException("the machine refuses a slot of the guest's size");
      }
      vm.finalizeTd();
      if (overlap.mapped()) {
        if (!overlap.toPrivate()) {
          vm.accept(0, 0, GUEST << 12);
        }
        for (long gfn = 0; gfn < GUEST; gfn += BLOCK) {
          touch(vm, 0, gfn);
        }
      }
      boolean[] done = new boolean[1];
      vm.setYieldHook(
          (phase, next) -> {
            if (phase == overlap.phase() && !done[0]) {
              done[0] = true;
              counts[0]++;
              for (int vcpu = 1; vcpu < experiment.number("vcpus"); vcpu++) {
                counts[1] +=
                    touch(vm, vcpu, overlap.page()).outcome() == AccessOutcome.RETRY ? 1 : 0;
              }
            }
          });
      int errno =
          vm.setMemoryAttributes(
              overlap.start() << 12,
              (overlap.end() - overlap.start()) << 12,
              overlap.toPrivate() ? PageAttributes.PRIVATE : PageAttributes.SHARED,
              0);
      if (errno != 0) {
        throw new IllegalStateException("%s is refused with error %d".formatted(overlap, errno));
      }
      return passes(vm);
    }
  }

  private static AccessResult touch(VirtualMachine vm, int vcpu, long gfn) {
    return vm.access(vcpu, gfn << 12, Access.WRITE, PageAttributes.isPrivate(vm.attributes(gfn)));
  }

  private static boolean passes(VirtualMachine vm) {
    try {
      vm.audit();
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  @Override
  public String sentence(AnswerTable table) {
    List<AnswerTable.Row> sound = table.where("defect", "none");
    List<AnswerTable.Row> broken = table.where("defect", DEFECT);
    List<AnswerTable.Row> found = broken.stream().filter(row -> row.number("bad") > 0).toList();
    long bad = sound.stream().mapToLong(row -> row.number("bad")).sum();
    long overlaps = sound.stream().mapToLong(row -> row.number("happened")).sum();
    return "Of %s overlaps on the machine as it is %s let a mapping cover mixed pages, and %s faults were made to retry; without the guards at the edges it happens in %s, under %d of %d designs and machines%s."
        .formatted(
            Units.count(overlaps),
            bad == 0 ? "none" : Units.count(bad),
            Units.count(sound.stream().mapToLong(row -> row.number("retried")).sum()),
            Units.count(broken.stream().mapToLong(row -> row.number("bad")).sum()),
            found.size(),
            broken.size(),
            found.isEmpty() ? "" : ", as in: " + found.get(0).text("first"));
  }

  @Override
  public AnswerChart chart() {
    return AnswerChart.bars(
        "Overlaps after which a mapping covers mixed pages", "bad", "strategy", "kind", "defect");
  }
}
