package dev.broadsheet.lab.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Ids, units and directions are fixed: scripts read them. */
final class MetricCatalogGoldenTest {
  @Test
  void idsUnitsAndDirections_areThoseOfTheCommittedList() throws IOException {
    String now =
        "version "
            + MetricCatalog.VERSION
            + "\n"
            + MetricCatalog.all().stream()
                .map(
                    metric ->
                        "%s,%s,%s%n"
                            .formatted(
                                metric.id(),
                                metric.unit(),
                                metric.direction().name().toLowerCase(Locale.ROOT)))
                .collect(Collectors.joining());

    // A change of the list counts MetricCatalog.VERSION up; an id never changes its meaning.
    assertThat(now.replace("\r\n", "\n")).isEqualTo(committed());
  }

  private static String committed() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            MetricCatalogGoldenTest.class.getResourceAsStream("metric-catalog.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void everyMetric_isSaidInASentence_andItsIdBeginsWithItsGroup() {
    for (Metric metric : MetricCatalog.all()) {
      assertThat(metric.id()).startsWith(metric.group().id() + ".");
      assertThat(metric.sentence()).as(metric.id()).endsWith(".");
      assertThat(metric.label()).as(metric.id()).isNotBlank();
    }
  }

  @Test
  void groups_standTogether() {
    List<MetricGroup> groups = MetricCatalog.all().stream().map(Metric::group).toList();
    assertThat(groups).isSorted();
  }

  @Test
  void modelledTimes_sayThatTheyAreModelled() {
    for (Metric metric : MetricCatalog.all()) {
      if (metric.unit().equals("ns")) {
        assertThat(metric.label()).startsWith("modelled");
        assertThat(metric.sentence()).contains("modelled and not measured");
      }
    }
  }
}
