package dev.broadsheet.lab.ask;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import dev.broadsheet.lab.ask.AnswerTable.Column;
import dev.broadsheet.lab.report.AtomicOutput.Content;
import dev.broadsheet.lab.report.HtmlReport;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A form in which an answer is written. */
public enum AnswerFormat {
  /** One self-contained page with the chart. */
  HTML("answer.html"),
  /** For a mail. */
  MD("answer.md"),
  /** The table alone, exact values. */
  CSV("answer.csv"),
  /** Everything. */
  JSON("answer.json");

  /** Writes {@code <}, {@code >} and {@code &} as escapes, so that the text may stand in HTML. */
  private static final Gson GSON = new Gson();

  private static final Gson PRETTY = new GsonBuilder().setPrettyPrinting().create();

  private final String file;

  AnswerFormat(String file) {
    this.file = file;
  }

  /** Returns the name of the file. */
  public String file() {
    return file;
  }

  /** Returns the file's content for an answer. */
  public Content content(Answer answer) {
    return switch (this) {
      case HTML -> out -> HtmlReport.render("answer.jte", new AnswerPage(answer), out);
      case MD -> out -> out.write(markdown(answer).getBytes(StandardCharsets.UTF_8));
      case CSV -> out -> csv(answer.table(), out);
      case JSON ->
          out -> out.write((PRETTY.toJson(answer) + "\n").getBytes(StandardCharsets.UTF_8));
    };
  }

  private static void csv(AnswerTable table, OutputStream out) throws IOException {
    OutputStreamWriter writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(writer);
    csv.writeRecord(table.columns().stream().map(Column::id).toList());
    table.rows().forEach(row -> csv.writeRecord(row.stream().map(String::valueOf).toList()));
    csv.flush();
    writer.flush();
  }

  private static String markdown(Answer answer) {
    AnswerTable table = answer.table();
    StringBuilder text = new StringBuilder();
    text.append("# ").append(answer.question()).append("\n\n");
    text.append(answer.sentence()).append("\n\n");
    line(text, table.columns().stream().map(Column::label).toList());
    line(text, table.columns().stream().map(c -> c.isNumber() ? "---:" : "---").toList());
    table.rows().forEach(row -> line(text, table.shown(row)));
    text.append("\nMeasured: ").append(answer.measures()).append("\n\n");
    text.append("Asked: ").append(answer.asked()).append("\n\n");
    text.append("Again: `").append(answer.command()).append("`\n");
    return text.toString();
  }

  private static void line(StringBuilder text, List<String> cells) {
    text.append('|');
    cells.forEach(cell -> text.append(' ').append(cell.replace("|", "\\|")).append(" |"));
    text.append('\n');
  }

  /** Returns what the page's script draws: the chart and the table's rows as objects. */
  static String chartData(Answer answer) {
    AnswerTable table = answer.table();
    JsonArray rows = new JsonArray();
    for (List<Object> row : table.rows()) {
      JsonObject object = new JsonObject();
      for (int i = 0; i < row.size(); i++) {
        object.add(
            table.columns().get(i).id(),
            row.get(i) instanceof Number number
                ? new JsonPrimitive(number)
                : new JsonPrimitive((String) row.get(i)));
      }
      rows.add(object);
    }
    JsonObject data = new JsonObject();
    data.add("chart", GSON.toJsonTree(answer.chart()));
    data.add("columns", GSON.toJsonTree(table.columns()));
    data.add("rows", rows);
    return GSON.toJson(data);
  }
}
