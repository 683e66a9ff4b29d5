package dev.broadsheet.lab.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricCatalog;
import dev.broadsheet.lab.report.ReportModel.Check;
import dev.broadsheet.lab.report.ReportModel.FootprintRow;
import dev.broadsheet.lab.report.ReportModel.LockRow;
import dev.broadsheet.lab.report.ReportModel.MarkFacts;
import dev.broadsheet.lab.report.ReportModel.Mosaic;
import dev.broadsheet.lab.report.ReportModel.OperationRow;
import dev.broadsheet.lab.report.ReportModel.Provenance;
import dev.broadsheet.lab.report.ReportModel.SlotFacts;
import dev.broadsheet.lab.report.ReportModel.SpreadRow;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import dev.broadsheet.lab.report.ReportModel.TraceFacts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The forms of a report whose texts are as hostile as they come. */
final class ResultsSchemaTest {
  private static final String HOSTILE = "</script><script>alert(1)</script>|\"'&\n";

  private static ReportModel hostileModel() {
    ImmutableMap.Builder<String, Number> metrics = ImmutableMap.builder();
    for (Metric metric : MetricCatalog.all()) {
      metrics.put(metric.id(), metric.unit().equals("%") ? (Number) 12.5 : (Number) 7L);
    }
    SpreadRow spread = new SpreadRow(10, 1, 2, 3);
    StrategyResult strategy =
        new StrategyResult(
            HOSTILE,
            HOSTILE,
            HOSTILE,
            HOSTILE,
            HOSTILE,
            ImmutableList.of(HOSTILE),
            false,
            "",
            metrics.buildOrThrow(),
            ImmutableList.of(new FootprintRow(HOSTILE, "tracker", 1, 2, 3, 4, 5, 6)),
            ImmutableList.of(new OperationRow("fault", "all", 1, 2, 3, 4, spread, spread, 5)),
            ImmutableList.of(new LockRow(HOSTILE, 1, spread)),
            ImmutableMap.of(HOSTILE, 1L),
            ImmutableMap.of(HOSTILE, 1L),
            ImmutableMap.of(HOSTILE, 1L),
            ImmutableMap.of(HOSTILE, 1L),
            new Check(1, 1, HOSTILE, 0, false, HOSTILE),
            ImmutableMap.of("event", ImmutableList.of(0L)),
            new Mosaic(ImmutableList.of(0L), ImmutableList.of("a1")));
    return new ReportModel(
        ReportModel.SCHEMA,
        new Provenance(
            "1",
            1,
            1,
            HOSTILE,
            HOSTILE,
            "0".repeat(64),
            ImmutableMap.of(HOSTILE, HOSTILE),
            ImmutableList.of(new SlotFacts(0, "0", 4096, HOSTILE))),
        new TraceFacts(
            HOSTILE,
            "td",
            HOSTILE,
            HOSTILE,
            1,
            1,
            1,
            ImmutableMap.of("F", 1L),
            ImmutableMap.of("inside", 1L),
            1,
            1,
            1,
            1,
            ImmutableList.of(new MarkFacts(HOSTILE, 1))),
        false,
        ImmutableList.of(HOSTILE),
        ImmutableList.of(),
        ImmutableList.copyOf(MetricCatalog.all()),
        ImmutableList.of(strategy));
  }

  private static String text(ReportFormat format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    format.content(hostileModel()).writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void html_escapesWhateverTextsSay() throws IOException {
    assertThat(text(ReportFormat.HTML)).doesNotContain("<script>alert").contains("&lt;script");
  }

  @Test
  void markdown_keepsTextsInsideTheirCells() throws IOException {
    assertThat(text(ReportFormat.MD)).doesNotContain("<script>");
  }

  @Test
  void json_isAsTheSchemaSays() throws IOException {
    JsonObject schema =
        JsonParser.parseString(HtmlReport.resource("results.schema.json")).getAsJsonObject();
    validate(schema, JsonParser.parseString(text(ReportFormat.JSON)), "$");
  }

  /** The part of JSON Schema that the schema uses. */
  private static void validate(JsonObject schema, JsonElement value, String path) {
    if (schema.has("const")) {
      assertThat(value).as(path).isEqualTo(schema.get("const"));
      return;
    }
    if (schema.has("enum")) {
      assertThat(schema.getAsJsonArray("enum").contains(value)).as(path).isTrue();
      return;
    }
    switch (schema.get("type").getAsString()) {
      case "object" -> {
        JsonObject object = value.getAsJsonObject();
        if (schema.has("required")) {
          schema
              .getAsJsonArray("required")
              .forEach(key -> assertThat(object.has(key.getAsString())).as(path + key).isTrue());
        }
        for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
          validate(
              property(schema, entry.getKey(), path),
              entry.getValue(),
              path + "." + entry.getKey());
        }
      }
      case "array" ->
          value
              .getAsJsonArray()
              .forEach(item -> validate(schema.getAsJsonObject("items"), item, path + "[]"));
      case "string" -> assertThat(value.getAsJsonPrimitive().isString()).as(path).isTrue();
      case "integer" ->
          assertThat(value.getAsBigDecimal().stripTrailingZeros().scale())
              .as(path)
              .isLessThanOrEqualTo(0);
      case "number" -> assertThat(value.getAsJsonPrimitive().isNumber()).as(path).isTrue();
      case "boolean" -> assertThat(value.getAsJsonPrimitive().isBoolean()).as(path).isTrue();
      default -> throw new AssertionError("the schema has a type that this test cannot check");
    }
  }

  private static JsonObject property(JsonObject schema, String key, String path) {
    if (schema.has("properties") && schema.getAsJsonObject("properties").has(key)) {
      return schema.getAsJsonObject("properties").getAsJsonObject(key);
    }
    JsonElement additional = schema.get("additionalProperties");
    assertThat(additional.isJsonObject()).as(path + "." + key + " is not in the schema").isTrue();
    return additional.getAsJsonObject();
  }
}
