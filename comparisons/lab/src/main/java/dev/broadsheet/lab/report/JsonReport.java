package dev.broadsheet.lab.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** {@code results.json}: the report, field by field. */
final class JsonReport {
  /** Writes {@code <}, {@code >} and {@code &} as escapes, so that the text may stand in HTML. */
  private static final Gson COMPACT = new GsonBuilder().create();

  private static final Gson PRETTY = new GsonBuilder().setPrettyPrinting().create();

  private JsonReport() {}

  static void write(Report report, OutputStream out) throws IOException {
    out.write((PRETTY.toJson(report) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Returns what charts draw for a script element of a page. */
  static String compact(ChartData data) {
    return COMPACT.toJson(data);
  }
}
