package dev.broadsheet.lab.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricCatalog;
import dev.broadsheet.lab.report.ResultsSchema;
import dev.broadsheet.lab.report.Units;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One report of several inputs, in all its forms. */
final class SeveralInputsTest {
  private static final List<String> FILES =
      List.of("index.html", "report.md", "results.csv", "results.json");
  private static final String STRATEGIES = "memslot-array,xarray-mixed-flag,small-pages-only";

  @TempDir private static Path folder;
  private static String terminal;
  private static JsonObject results;

  @BeforeAll
  static void compareTwice() throws IOException {
    terminal = compare("first");
    compare("second");
    results = JsonParser.parseString(text("first", "results.json")).getAsJsonObject();
  }

  /** The trace is cut, so that it carries the name of the whole one, and stands beside it. */
  private static String compare(String out) throws IOException {
    Path cut = folder.resolve("cut.trace");
    if (!Files.exists(cut)) {
      assertThat(
              run("trace", "cut", "td-redis-2g-2v", cut.toString(), "--events", "3000")
                  .contains("WRONG"))
          .isFalse();
    }
    return run(
        "compare",
        "--workload",
        "W8[ram=512m]",
        "--trace",
        cut.toString(),
        "--workload",
        "W8[ram=512m,seed=2]",
        "--strategies",
        STRATEGIES,
        "--out",
        folder.resolve(out).toString());
  }

  private static String run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status =
        Broadsheet.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(args);
    assertThat(status).as(err.toString()).isZero();
    return out.toString();
  }

  private static String text(String report, String file) throws IOException {
    return Files.readString(folder.resolve(report).resolve(file));
  }

  private static JsonObject input(int index) {
    return results.getAsJsonArray("inputs").get(index).getAsJsonObject();
  }

  private static String name(int index) {
    return input(index).getAsJsonObject("trace").get("name").getAsString();
  }

  private static JsonObject metrics(int input, int strategy) {
    return input(input)
        .getAsJsonArray("strategies")
        .get(strategy)
        .getAsJsonObject()
        .getAsJsonObject("metrics");
  }

  @Test
  void repeated_isTheSameToTheByte() throws IOException {
    for (String file : FILES) {
      assertThat(text("second", file)).as(file).isEqualTo(text("first", file));
    }
  }

  @Test
  void tracesComeFirst_andNamesAreToldApart() {
    assertThat(results.getAsJsonArray("inputs")).hasSize(3);
    assertThat(name(0)).contains("redis");
    assertThat(List.of(name(0), name(1), name(2))).doesNotHaveDuplicates();
    assertThat(results.get("command").getAsString())
        .endsWith(
            " --workload 'W8[ram=512m]' --workload 'W8[ram=512m,seed=2]' --strategies "
                + STRATEGIES);
    assertThat(input(2).getAsJsonObject("provenance").get("command").getAsString())
        .isEqualTo(
            "comparisons/broadsheet compare --workload 'W8[ram=512m,seed=2]' --strategies "
                + STRATEGIES);
  }

  @Test
  void json_isAsTheSchemaSays() throws IOException {
    ResultsSchema.validate(text("first", "results.json"));
  }

  @Test
  void means_countEachInputTheSame() {
    String id = "fault.lines.mean";
    for (int strategy = 0; strategy < 3; strategy++) {
      double sum = 0;
      for (int input = 0; input < 3; input++) {
        sum += metrics(input, strategy).get(id).getAsDouble();
      }
      JsonObject mean = results.getAsJsonArray("means").get(strategy).getAsJsonObject();
      assertThat(mean.getAsJsonObject("metrics").get(id).getAsDouble())
          .isCloseTo(sum / 3, within(1e-9));
      assertThat(mean.getAsJsonObject("best").get(id).getAsInt()).isBetween(0, 3);
    }
  }

  @Test
  void csv_markdown_andTerminal_carryTheNumbersOfJson() throws IOException {
    String markdown = text("first", "report.md");
    List<NamedCsvRecord> rows;
    try (CsvReader<NamedCsvRecord> csv =
        CsvReader.builder().ofNamedCsvRecord(folder.resolve("first").resolve("results.csv"))) {
      rows = csv.stream().toList();
    }
    assertThat(rows).hasSize(3 * 3 * MetricCatalog.all().size());
    int at = 0;
    for (int input = 0; input < 3; input++) {
      for (int strategy = 0; strategy < 3; strategy++) {
        for (Metric metric : MetricCatalog.all()) {
          NamedCsvRecord row = rows.get(at++);
          double exact = metrics(input, strategy).get(metric.id()).getAsDouble();
          assertThat(row.getField("trace")).isEqualTo(name(input));
          assertThat(row.getField("metric")).isEqualTo(metric.id());
          assertThat(Double.parseDouble(row.getField("value")))
              .as("%s of %s", metric.id(), row.getField("strategy"))
              .isCloseTo(exact, within(5e-5));
        }
      }
    }
    for (int input = 0; input < 3; input++) {
      String part = markdown.substring(markdown.indexOf("\n## " + name(input) + "\n"));
      for (Metric metric : MetricCatalog.all()) {
        StringBuilder line = new StringBuilder("| %s (%s)".formatted(metric.label(), metric.id()));
        for (int strategy = 0; strategy < 3; strategy++) {
          line.append(" | ").append(written(metric, input, strategy));
        }
        assertThat(part).contains(line.append(" |\n"));
      }
    }
    for (int input = 0; input < 3; input++) {
      String part = terminal.substring(terminal.indexOf(name(input) + "\n"));
      Metric metric = MetricCatalog.find("fault.lines.mean");
      for (int strategy = 0; strategy < 3; strategy++) {
        assertThat(part).contains(written(metric, input, strategy));
      }
    }
  }

  private static String written(Metric metric, int input, int strategy) {
    String json = metrics(input, strategy).get(metric.id()).getAsString();
    Number value = json.matches("-?[0-9]+") ? (Number) Long.valueOf(json) : Double.valueOf(json);
    return Units.metric(metric, value);
  }
}
