package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.report.HtmlReport;
import java.util.stream.Collectors;

/** What the page's template asks. */
public final class AnswerPage {
  private final Answer answer;

  AnswerPage(Answer answer) {
    this.answer = answer;
  }

  /** Returns the answer. */
  public Answer answer() {
    return answer;
  }

  /** A cell of the table. */
  public record Cell(String text, boolean isNumber) {}

  /** Returns a row's cells as people read them. */
  public ImmutableList<Cell> cells(ImmutableList<Object> row) {
    ImmutableList.Builder<Cell> cells = ImmutableList.builder();
    ImmutableList<String> texts = answer.table().shown(row);
    for (int i = 0; i < texts.size(); i++) {
      cells.add(new Cell(texts.get(i), answer.table().columns().get(i).isNumber()));
    }
    return cells.build();
  }

  /** Returns the parameters in one line. */
  public String parameters() {
    return answer.parameters().entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(", "));
  }

  /** Returns the style sheet. */
  public String css() {
    return HtmlReport.resource(AnswerPage.class, "answer.css");
  }

  /** Returns the libraries that draw. */
  public String libraries() {
    return HtmlReport.resource("d3.min.js") + "\n" + HtmlReport.resource("plot.umd.min.js");
  }

  /** Returns what is drawn, fit for a script element. */
  public String data() {
    return AnswerFormat.chartData(answer);
  }

  /** Returns what draws it. */
  public String script() {
    return HtmlReport.resource(AnswerPage.class, "answer.js");
  }
}
