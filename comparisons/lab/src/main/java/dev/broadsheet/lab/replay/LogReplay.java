package dev.broadsheet.lab.replay;

import dev.broadsheet.api.StrategyTrait;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs recorded scripts under one strategy; prints all lines, or compares them one by one. */
final class LogReplay {
  /**
   * Lines that are not compared: remarks, what the host's memory manager told about (also for
   * memory that is no guest's), and empty entries of unlinked tables.
   */
  private static final Set<String> NOT_COMPARED = Set.of("note", "mmunotifier", "frz");

  /**
   * Lines that are not compared for strategies that keep their truth in page tables: those need
   * tables where the kernel has none and keep them where it drops them.
   */
  private static final Set<String> OF_TABLES = Set.of("chg", "pt+", "pt-", "tables");

  /** Lines about all that is mapped. */
  private static final Set<String> OF_MAPPINGS = Set.of("pages", "leaf");

  private final Function<String, ConfiguredStrategy> strategies;
  private final ConfiguredStrategy strategy;
  private final PrintWriter out;
  private final Tally tally;
  private final boolean check;
  private final boolean ownTables;
  private boolean mappings = true;

  LogReplay(
      Function<String, ConfiguredStrategy> strategies,
      ConfiguredStrategy strategy,
      PrintWriter out,
      Tally tally,
      boolean check) {
    this.strategies = strategies;
    this.strategy = strategy;
    this.out = out;
    this.tally = tally;
    this.check = check;
    this.ownTables =
        strategy.strategy().description().traits().contains(StrategyTrait.NEEDS_PAGE_TABLES);
  }

  void run(LogScript script) throws ScriptFormatException {
    tally.script();
    if (!check) {
      out.println("script " + script.name());
    }
    if (script.name().startsWith(SelftestReplay.PREFIX)) {
      runSelftest(script);
    } else {
      runOperations(script);
    }
    if (!check) {
      out.println("end steps=" + script.steps().size());
      out.println();
    }
  }

  private void runSelftest(LogScript script) throws ScriptFormatException {
    SelftestReplay replay = new SelftestReplay(script, strategy, strategies);
    List<LogStep> steps = script.steps();
    for (int i = 0; i < steps.size(); i++) {
      tally.step();
      report(steps.get(i), replay.run(steps.get(i), i == steps.size() - 1));
    }
  }

  private void runOperations(LogScript script) throws ScriptFormatException {
    @Nullable LogMachine machine = null;
    List<LogStep> steps = script.steps();
    for (int i = 0; i < steps.size(); i++) {
      LogStep step = steps.get(i);
      tally.step();
      List<String> lines = new ArrayList<>();
      switch (step.operation()) {
        case "vm" -> {
          machine = create(script, step);
          lines.add("res create_vm rc=0 errno=0");
          lines.add(machine.pages());
        }
        case "endvm" -> {
          lines.add("res endvm rc=0 errno=0");
          LogMachine ending = required(machine, step);
          lines.addAll(ending.end());
          ending.tables(lines);
          machine = null;
        }
        default -> {
          LogMachine running = required(machine, step);
          lines.addAll(running.run(step));
          if (endsNext(steps, i) && !step.operation().equals("dump")) {
            running.dump(lines);
          }
          lines.add(running.pages());
        }
      }
      if (check && machine != null && !machine.isStepCompared()) {
        step.recorded().forEach(line -> tally.notApplicable());
        continue;
      }
      mappings = machine == null || machine.areMappingsCompared();
      report(step, lines);
    }
    if (machine != null) {
      machine.end();
    }
  }

  private static boolean endsNext(List<LogStep> steps, int i) {
    return i + 1 < steps.size() && steps.get(i + 1).operation().equals("endvm");
  }

  private LogMachine create(LogScript script, LogStep step) throws ScriptFormatException {
    Words words = step.words();
    words.requireCount(4, 4, "'vm swprot' or 'vm default'");
    String kind = words.word(3);
    if (!kind.equals("swprot") && !kind.equals("default")) {
      throw words.wrong(ScriptFormatException.quote(kind), "swprot or default");
    }
    return LogMachine.create(strategy, strategies, kind, script.environment(), /* hasCode= */ true);
  }

  private static LogMachine required(@Nullable LogMachine machine, LogStep step)
      throws ScriptFormatException {
    if (machine == null) {
      throw step.words().wrong(ScriptFormatException.quote(step.text()), "'vm KIND' before it");
    }
    return machine;
  }

  private void report(LogStep step, List<String> lines) {
    if (check) {
      compare(step, lines);
    } else {
      out.println(step.words().text());
      lines.forEach(out::println);
    }
  }

  private void compare(LogStep step, List<String> lines) {
    List<String> found = lines.stream().filter(this::isCompared).toList();
    int next = 0;
    for (int i = 0; i < step.recorded().size(); i++) {
      String expected = step.recorded().get(i);
      if (!isCompared(expected)) {
        tally.notApplicable();
        continue;
      }
      String actual = next < found.size() ? found.get(next) : "nothing";
      next++;
      if (actual.equals(expected)) {
        tally.same();
      } else {
        tally.different(step.recordedLine() + i, step.text(), "line", expected, actual);
      }
    }
    for (; next < found.size(); next++) {
      tally.different(step.words().line(), step.text(), "line", "nothing", found.get(next));
    }
  }

  private boolean isCompared(String line) {
    int space = line.indexOf(' ');
    String kind = space < 0 ? line : line.substring(0, space);
    return !NOT_COMPARED.contains(kind)
        && !(ownTables && OF_TABLES.contains(kind))
        && (mappings || !OF_MAPPINGS.contains(kind));
  }
}
