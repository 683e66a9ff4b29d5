package dev.broadsheet.lab.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.Map;

/** The published schema of results.json, and the part of JSON Schema that it uses. */
public final class ResultsSchema {
  private ResultsSchema() {}

  /** Asserts that a text is what the schema says. */
  public static void validate(String json) {
    JsonObject schema =
        JsonParser.parseString(HtmlReport.resource("results.schema.json")).getAsJsonObject();
    validate(schema, JsonParser.parseString(json), "$");
  }

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
