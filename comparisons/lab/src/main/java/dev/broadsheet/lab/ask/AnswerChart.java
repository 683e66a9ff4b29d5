package dev.broadsheet.lab.ask;

/**
 * How a table is drawn: which columns are what.
 *
 * @param form bars or lines
 * @param title what is seen
 * @param x column along the page: of bars the number, of lines the number they run over
 * @param y column up the page: of bars the words that name them, of lines the number
 * @param colour column of words that tells series apart, or empty
 * @param panel column of words that gives each value a panel of its own, or empty
 * @param largest column of numbers of which only the rows with the largest are drawn, or empty
 * @param logX whether the x axis is logarithmic
 * @param logY whether the y axis is logarithmic
 */
public record AnswerChart(
    Form form,
    String title,
    String x,
    String y,
    String colour,
    String panel,
    String largest,
    boolean logX,
    boolean logY) {
  /** The form of a chart. */
  public enum Form {
    /** Bars to the right. */
    BARS,
    /** Lines with points. */
    LINES
  }

  static AnswerChart bars(String title, String x, String y, String colour, String panel) {
    return new AnswerChart(Form.BARS, title, x, y, colour, panel, "", false, false);
  }

  static AnswerChart lines(String title, String x, String y, String colour) {
    return new AnswerChart(Form.LINES, title, x, y, colour, "", "", true, true);
  }

  /** Returns the same chart with a logarithmic scale of the bars. */
  AnswerChart logarithmic() {
    return new AnswerChart(form, title, x, y, colour, panel, largest, true, logY);
  }

  /** Returns the same chart of those rows alone in which a column holds its largest number. */
  AnswerChart largestOnly(String column) {
    return new AnswerChart(form, title, x, y, colour, panel, column, logX, logY);
  }
}
