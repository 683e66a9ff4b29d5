package dev.broadsheet.lab.replay;

import dev.broadsheet.core.host.SharedBacking;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs a recording of one of the kernel's own tests. Its guest is not known, only its faults: a
 * step {@code run} repeats those that were recorded in it. The recordings note operations as the
 * test issues them, so what a deleted slot changes stands in the run that follows; with its last
 * slot the test ends its machine.
 */
final class SelftestReplay {
  /** Names of these scripts begin so. */
  static final String PREFIX = "selftest";

  private final LogScript script;
  private final ConfiguredStrategy strategy;
  private final Function<String, ConfiguredStrategy> strategies;
  private final List<String> held = new ArrayList<>();
  private final List<String> tables = new ArrayList<>();
  private @Nullable LogMachine machine;
  private int slots;

  /** Index of the step that runs. */
  private int at = -1;

  SelftestReplay(
      LogScript script,
      ConfiguredStrategy strategy,
      Function<String, ConfiguredStrategy> strategies) {
    this.script = script;
    this.strategy = strategy;
    this.strategies = strategies;
  }

  /** Runs a step and returns its lines. */
  List<String> run(LogStep step, boolean isLast) throws ScriptFormatException {
    at++;
    List<String> lines = new ArrayList<>();
    if (step.operation().equals("run")) {
      lines.addAll(held);
      held.clear();
      repeatFaults(step, lines);
    } else if (step.operation().equals("delslot")) {
      deleteSlot(step);
    } else {
      LogMachine running = machine();
      if (step.operation().equals("slot")) {
        slots++;
        lines.addAll(running.addSelftestSlot(step.words(), backing()));
      } else {
        lines.addAll(running.runSelftest(step));
      }
    }
    if (isLast) {
      end();
      lines.addAll(held);
      lines.addAll(tables);
    }
    return lines;
  }

  private LogMachine machine() {
    LogMachine running = machine;
    if (running == null) {
      running =
          LogMachine.create(
              strategy, strategies, kind(), script.environment(), /* hasCode= */ false);
      machine = running;
    }
    return running;
  }

  /**
   * The recordings do not say which type a test's machine has. Only the default type makes all
   * roots obsolete when a slot goes, so that event, up to the run behind the last slot's end,
   * tells.
   */
  private String kind() {
    List<LogStep> rest = script.steps().subList(at, script.steps().size());
    int open = 0;
    for (int i = 0; i < rest.size(); i++) {
      LogStep step = rest.get(i);
      if (step.recorded().contains("zap_all_fast")) {
        return "default";
      }
      open += step.operation().equals("slot") ? 1 : step.operation().equals("delslot") ? -1 : 0;
      boolean runs = i + 1 < rest.size() && rest.get(i + 1).operation().equals("run");
      if (open == 0 && !runs) {
        break;
      }
    }
    return "swprot";
  }

  /** The tests name their backing on the command line; a script carries it in its name. */
  private SharedBacking.Kind backing() {
    for (SharedBacking.Kind kind : SharedBacking.Kind.values()) {
      if (script.name().endsWith("_" + kind.label())) {
        return kind;
      }
    }
    return SharedBacking.Kind.SMALL;
  }

  private void repeatFaults(LogStep step, List<String> lines) throws ScriptFormatException {
    for (int i = 0; i < step.recorded().size(); i++) {
      String line = step.recorded().get(i);
      if (line.startsWith("npf ")) {
        Words words = Words.of(script.file(), step.recordedLine() + i, line);
        words.requireCount(3, 3, "'npf gpa=HEX error_code=HEX'");
        lines.addAll(machine().fault(words.hexAfter(1, "gpa="), words.hexAfter(2, "error_code=")));
      }
    }
  }

  private void deleteSlot(LogStep step) throws ScriptFormatException {
    held.addAll(machine().runSelftest(step));
    slots--;
    if (slots == 0) {
      end();
    }
  }

  private void end() {
    LogMachine running = machine;
    if (running != null) {
      held.addAll(running.end());
      tables.clear();
      running.tables(tables);
      machine = null;
    }
  }
}
