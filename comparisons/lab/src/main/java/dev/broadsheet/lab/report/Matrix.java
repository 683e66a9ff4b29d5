package dev.broadsheet.lab.report;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.metrics.Metric;
import java.util.ArrayList;
import java.util.List;

/**
 * One metric with inputs side by side: a row per strategy, a column per input, the best candidate
 * of each input marked.
 *
 * @param metric shown
 * @param rows one per strategy that ran on any input
 */
public record Matrix(Metric metric, ImmutableList<Row> rows) {
  /** A strategy's row, with a cell per input. */
  public record Row(int index, String spec, boolean bound, ImmutableList<Entry> cells) {}

  /** A cell; empty where the strategy did not finish. */
  public record Entry(String text, String exact, boolean best) {
    private static final Entry NONE = new Entry("—", "", false);
  }

  static ImmutableList<Matrix> of(Report report) {
    List<Scoreboard> boards = report.inputs().stream().map(Scoreboard::of).toList();
    ImmutableList.Builder<Matrix> matrices = ImmutableList.builder();
    for (ReportModel.Answer answer : report.answers()) {
      matrices.add(of(report, boards, Scoreboard.COLUMNS.indexOf(answer.metric())));
    }
    return matrices.build();
  }

  private static Matrix of(Report report, List<Scoreboard> boards, int column) {
    ImmutableList.Builder<Row> rows = ImmutableList.builder();
    for (ReportModel.StrategyResult strategy : report.inputs().get(0).strategies()) {
      List<Entry> cells = new ArrayList<>();
      for (Scoreboard board : boards) {
        cells.add(
            board.rows().stream()
                .filter(row -> row.spec().equals(strategy.spec()))
                .map(row -> row.cells().get(column))
                .map(cell -> new Entry(cell.text(), cell.exact(), cell.best()))
                .findFirst()
                .orElse(Entry.NONE));
      }
      rows.add(
          new Row(
              report.inputs().get(0).strategies().indexOf(strategy),
              strategy.spec(),
              strategy.bound(),
              ImmutableList.copyOf(cells)));
    }
    return new Matrix(boards.get(0).columns().get(column), rows.build());
  }
}
