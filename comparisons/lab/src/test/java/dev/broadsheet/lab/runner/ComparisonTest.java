package dev.broadsheet.lab.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricCatalog;
import dev.broadsheet.lab.report.ReportFormat;
import dev.broadsheet.lab.report.ReportModel;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import dev.broadsheet.lab.trace.BundledTraces;
import dev.broadsheet.lab.trace.EventKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The main job on the bundled boot trace. */
final class ComparisonTest {
  private static ReportModel model;

  @BeforeAll
  static void compareAllStrategies() throws IOException {
    model = compare("", 2);
  }

  private static ReportModel compare(String knobs, int threads) throws IOException {
    StrategyRegistry registry = StrategyRegistry.load();
    return Comparison.prepare(
            BundledTraces.find(BundledTraces.DEFAULT),
            registry,
            Comparison.all(registry),
            knobs,
            "the command")
        .run(threads, Progress.NONE);
  }

  private static String text(ReportModel of, ReportFormat format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    format.content(Comparisons.report(List.of(of), "the command")).writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void differencesFromTheReference_areTheSame_whenItIsNotAskedFor() throws IOException {
    StrategyRegistry registry = StrategyRegistry.load();
    ReportModel alone =
        Comparison.prepare(
                BundledTraces.find(BundledTraces.DEFAULT),
                registry,
                List.of(registry.configure("spte-mixed-bit")),
                "",
                "the command")
            .run(2, Progress.NONE);

    assertThat(alone.strategies()).extracting(StrategyResult::id).containsExactly("spte-mixed-bit");
    StrategyResult result = alone.strategies().get(0);
    assertThat(result.metric("memory.machine.overReference").longValue()).isPositive();
    assertThat(result.metric("memory.design.steady"))
        .isEqualTo(result.metric("memory.machine.overReference"));
    for (StrategyResult among : model.strategies()) {
      if (among.id().equals(result.id())) {
        assertThat(result.metrics()).isEqualTo(among.metrics());
      }
    }
  }

  @Test
  void everyStrategy_answersAsTheOracleDoes() {
    assertThat(model.strategies()).extracting(StrategyResult::id).contains("reference");
    assertThat(model.passed()).as(model.verdict().toString()).isTrue();
    for (StrategyResult strategy : model.strategies()) {
      assertThat(strategy.failure()).isEmpty();
      assertThat(strategy.check().differences()).isZero();
      assertThat(strategy.check().comparisons()).isGreaterThan(10_000);
      assertThat(strategy.check().audit()).isEqualTo("passed");
    }
  }

  @Test
  void everyEventLine_isAccountedForOnce() {
    for (StrategyResult strategy : model.strategies()) {
      for (EventKind kind : EventKind.values()) {
        long accounted =
            strategy.events().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(kind.letter() + " "))
                .mapToLong(Map.Entry::getValue)
                .sum();
        assertThat(accounted)
            .as("%s %s", strategy.spec(), kind)
            .isEqualTo(model.trace().lines().get(String.valueOf(kind.letter())));
      }
    }
  }

  @Test
  void everyMetric_hasAValue() {
    for (StrategyResult strategy : model.strategies()) {
      assertThat(strategy.metrics().keySet())
          .containsExactlyElementsOf(MetricCatalog.all().stream().map(Metric::id).toList());
    }
  }

  @Test
  void repeated_withOtherThreads_isTheSameToTheByte() throws IOException {
    ReportModel again = compare("", 1);
    for (ReportFormat format : ReportFormat.values()) {
      assertThat(text(again, format)).as(format.name()).isEqualTo(text(model, format));
    }
  }

  @Test
  void html_isSelfContained() throws IOException {
    String html = text(model, ReportFormat.HTML);

    assertThat(html).doesNotContain("src=\"http").doesNotContain("href=\"http");
    assertThat(html.length()).isLessThan(5 << 20);
  }

  @Test
  void smallPages_needOneFaultForEachFirstAccess_andNoneForRepeatedOnes() throws IOException {
    ReportModel small = compare("kind=swprot,attributes=private,max-level=4k", 2);
    for (StrategyResult strategy : small.strategies()) {
      assertThat(strategy.events().get("F faulted, once"))
          .isEqualTo(small.trace().lines().get("F"));
      assertThat(strategy.events().get("T found mapped")).isEqualTo(small.trace().lines().get("T"));
    }
  }
}
