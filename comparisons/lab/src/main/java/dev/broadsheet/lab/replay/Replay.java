package dev.broadsheet.lab.replay;

import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Replays script files under one strategy.
 *
 * <p>All files are read and checked for their form before the first is run, so that bad input ends
 * in one message and nothing else. Not safe for use from many threads.
 */
public final class Replay {
  private final StrategyRegistry strategies;
  private final ConfiguredStrategy strategy;
  private final PrintWriter out;
  private final boolean check;

  /**
   * Prepares a replay.
   *
   * @param strategies where strategies that wrap others find them
   * @param strategy what is asked
   * @param out where answers, or differences and the summary, go
   * @param check whether answers are compared with those recorded, instead of printed
   */
  public Replay(
      StrategyRegistry strategies, ConfiguredStrategy strategy, PrintWriter out, boolean check) {
    this.strategies = strategies;
    this.strategy = strategy;
    this.out = out;
    this.check = check;
  }

  /**
   * Runs files in the given order.
   *
   * @throws ScriptFormatException if one of them is malformed; the message has file and line
   */
  public ReplayResult run(List<Path> files) throws IOException {
    List<ScriptFile> scripts = new ArrayList<>();
    for (Path file : files) {
      scripts.add(ScriptFile.parse(ScriptText.read(file)));
    }
    Tally tally = new Tally(out);
    VecReplay vectors = new VecReplay(strategies::configure, strategy, out, tally, check);
    LogReplay logs = new LogReplay(strategies::configure, strategy, out, tally, check);
    for (ScriptFile script : scripts) {
      tally.beginFile(script.file());
      for (VecScript vector : script.vectors()) {
        vectors.run(vector);
      }
      for (LogScript log : script.logs()) {
        logs.run(log);
      }
      for (TracePipeLog pipe : script.pipes()) {
        new TracePipeReplay(pipe, strategies::configure, strategy, out, tally, check).run();
      }
      tally.endFile();
    }
    ReplayResult result = tally.result();
    if (check) {
      out.println(result.summary());
    }
    out.flush();
    return result;
  }
}
