package dev.broadsheet.lab.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.core.strategy.StrategyRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first 20,700 lines of the log: firmware, and its conversions to shared. */
class TracePipeReplayTest {
  private static final String CUT =
      "/golden/trace-pipe/kvm612-swprot-td-boot-1g-1v.cut.trace_pipe.txt.gz";

  @TempDir Path folder;

  private final StrategyRegistry registry = StrategyRegistry.load();
  private final StringWriter printed = new StringWriter();

  private ReplayResult replay(String strategy, Path file) throws IOException {
    return new Replay(registry, registry.configure(strategy), new PrintWriter(printed), true)
        .run(List.of(file));
  }

  private Path file(String name, List<String> lines) throws IOException {
    return Files.write(folder.resolve(name), lines);
  }

  private static List<String> cut() throws IOException {
    return ScriptText.read(
            CUT, Objects.requireNonNull(TracePipeReplayTest.class.getResourceAsStream(CUT)))
        .lines();
  }

  @Test
  void logOfRealKvm_isReproducedFromTheTraceThatCausedIt() throws IOException {
    ReplayResult result = replay("xarray-mixed-flag", file("td-boot-1g-1v.txt", cut()));
    assertThat(result.differences()).as(printed.toString()).isZero();
    assertThat(result.compared()).isGreaterThan(20_000);
  }

  @Test
  void otherLevelInTheLog_isADifference() throws IOException {
    List<String> wrong =
        cut().stream().map(line -> line.replace("gfn fffff level 1", "gfn fffff level 2")).toList();
    ReplayResult result = replay("reference", file("td-boot-1g-1v.txt", wrong));
    assertThat(result.differences()).isEqualTo(1);
    assertThat(printed.toString())
        .contains("expected chg fffff 2 - > tbl, got chg fffff 1 - > leaf.w");
  }

  @Test
  void logThatNamesNoTrace_isOneMessage() throws IOException {
    Path file = file("other.txt", cut().subList(0, 20));
    assertThatThrownBy(() -> replay("reference", file))
        .isInstanceOf(ScriptFormatException.class)
        .hasMessageContaining("which trace caused it");
  }
}
