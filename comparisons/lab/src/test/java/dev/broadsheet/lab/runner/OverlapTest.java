package dev.broadsheet.lab.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.lab.cost.CostModel;
import dev.broadsheet.lab.report.ReportModel;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.TraceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events of several vCPUs at one time. */
final class OverlapTest {
  private static final String HEADER =
      """
      # tdp-trace 1
      # name: overlap
      # kind: td
      # vcpus: 2
      # slot: 0 4000000 rw low-ram
      # slot: ffc00000 400000 ro firmware
      # end-of-header
      """;

  /** vCPU 1 touches for the first time what vCPU 0 is just giving to it. */
  private static final String MEETING =
      """
      C 10 0 400000 1000 shared
      F 10 1 400000 w s
      """;

  /** vCPU 1 faults while vCPU 0 converts a page that lies far away. */
  private static final String PASSING =
      """
      C 10 0 600000 1000 shared
      F 2000000 1 600000 r s
      C 10 0 a00000 1000 shared
      """;

  @TempDir private Path folder;

  private ReportModel compare(String events, String overlap) throws IOException {
    StrategyRegistry registry = StrategyRegistry.load();
    Path file = Files.writeString(folder.resolve("overlap.trace"), HEADER + events);
    return Comparison.prepare(
            new TraceFile(file),
            registry,
            ImmutableList.of(
                registry.configure("memslot-array"),
                registry.configure("shadow-page-bitmap"),
                registry.configure("xarray-mixed-flag")),
            "",
            new RunOptions(Overlap.parse(overlap), ImmutableList.of(), CostModel.defaults()),
            "the command")
        .run(1, Progress.NONE);
  }

  @Test
  void accessToWhatIsBeingConverted_comesAgain_untilTheConversionIsOver() throws IOException {
    ReportModel model = compare(MEETING, "trace");

    assertThat(model.passed()).as(model.verdict().toString()).isTrue();
    long retries = 0;
    for (StrategyResult strategy : model.strategies()) {
      // Twice mmu_lock is free. While the attribute does not fit, the access is an exit to user
      // space; once it is stored, the invalidation is still open: a retry. Then the page is mapped.
      // Where a design stores only when it publishes, both are exits.
      long range = strategy.metric("fault.retries.range").longValue();
      retries += range;
      assertThat(range + strategy.counters().getOrDefault("faults.memory-fault", -1L)).isEqualTo(2);
      assertThat(strategy.events())
          .containsEntry("- tries of events that met an open conversion and came again", 2L)
          .containsEntry("- events that happened while another vCPU converted", 1L)
          .containsEntry("F faulted, more than once", 1L);
    }
    assertThat(retries).isPositive();
  }

  @Test
  void faultThatAConversionPasses_findsTheSequenceMoved() throws IOException {
    ReportModel model = compare(PASSING, "trace");

    assertThat(model.passed()).as(model.verdict().toString()).isTrue();
    for (StrategyResult strategy : model.strategies()) {
      assertThat(strategy.metric("fault.retries.sequence")).isEqualTo(1L);
      assertThat(strategy.events())
          .containsEntry("- conversions that happened while another vCPU faulted", 1L)
          .containsEntry("F faulted, more than once", 1L);
    }
  }

  @Test
  void withoutOverlap_nothingComesAgain() throws IOException {
    for (StrategyResult strategy : compare(MEETING + PASSING, "off").strategies()) {
      assertThat(strategy.metric("fault.retries")).isEqualTo(0L);
      assertThat(strategy.events()).containsEntry("F faulted, once", 2L);
    }
  }

  /** Whatever overlaps: answers stay right, audits pass, and each event happens once. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 20220627})
  void wildEvents_happenOnceEach_andAreAnsweredRightly(long seed) throws IOException {
    Random random = new Random(seed);
    StringBuilder events = new StringBuilder();
    for (int line = 0; line < 600; line++) {
      events.append(HostileTraceTest.wildLine(random)).append('\n');
    }
    for (String overlap : new String[] {"trace", "seed=" + seed}) {
      ReportModel model = compare(events.toString(), overlap);

      assertThat(model.passed()).as("%s: %s", overlap, model.verdict()).isTrue();
      for (StrategyResult strategy : model.strategies()) {
        assertThat(strategy.events().get("- events that happened while another vCPU converted"))
            .as(overlap)
            .isPositive();
        for (EventKind kind : EventKind.values()) {
          assertThat(
                  strategy.events().entrySet().stream()
                      .filter(entry -> entry.getKey().startsWith(kind.letter() + " "))
                      .mapToLong(Map.Entry::getValue)
                      .sum())
              .as("%s, %s", overlap, kind)
              .isEqualTo(model.trace().lines().get(String.valueOf(kind.letter())));
        }
      }
      assertThat(compare(events.toString(), overlap)).isEqualTo(model);
    }
  }
}
