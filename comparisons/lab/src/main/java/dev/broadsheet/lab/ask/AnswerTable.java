package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.report.Units;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The one table of an answer.
 *
 * @param columns what stands in a row
 * @param rows cells in the order of the columns: String, Long or Double, as the unit says
 */
public record AnswerTable(
    ImmutableList<Column> columns, ImmutableList<ImmutableList<Object>> rows) {

  /** What a column counts. */
  public enum Unit {
    /** Words. */
    TEXT,
    /** A whole number. */
    COUNT,
    /** Bytes. */
    BYTES,
    /** A share of a hundred. */
    PERCENT,
    /** A number with digits behind the point. */
    DECIMAL
  }

  /**
   * A column.
   *
   * @param id permanent, as files have it
   * @param label for people
   * @param unit of its cells
   */
  public record Column(String id, String label, Unit unit) {
    /** Returns whether cells are numbers, which stand to the right. */
    public boolean isNumber() {
      return unit != Unit.TEXT;
    }
  }

  /** Checks that each row fits the columns. */
  public AnswerTable {
    for (ImmutableList<Object> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "a row of %d cells in a table of %d columns: %s"
                .formatted(row.size(), columns.size(), row));
      }
      for (int i = 0; i < row.size(); i++) {
        Class<?> wanted =
            switch (columns.get(i).unit()) {
              case TEXT -> String.class;
              case COUNT, BYTES -> Long.class;
              case PERCENT, DECIMAL -> Double.class;
            };
        if (!wanted.isInstance(row.get(i))) {
          throw new IllegalArgumentException(
              "'%s' in column %s, which holds %s"
                  .formatted(row.get(i), columns.get(i).id(), wanted.getSimpleName()));
        }
      }
    }
  }

  /** A row with its columns' names. */
  public final class Row {
    private final ImmutableList<Object> cells;

    private Row(ImmutableList<Object> cells) {
      this.cells = cells;
    }

    /** Returns words. */
    public String text(String column) {
      return (String) cells.get(index(column));
    }

    /** Returns a count or bytes. */
    public long number(String column) {
      return (Long) cells.get(index(column));
    }

    /** Returns any number. */
    public double value(String column) {
      return ((Number) cells.get(index(column))).doubleValue();
    }

    /** Returns a cell as people read it. */
    public String shown(String column) {
      int index = index(column);
      return AnswerTable.shown(columns.get(index).unit(), cells.get(index));
    }
  }

  /** Returns the place of a column. */
  public int index(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).id().equals(column)) {
        return i;
      }
    }
    throw new IllegalArgumentException("no column '%s' in %s".formatted(column, columns));
  }

  /** Returns the rows by name. */
  public Stream<Row> stream() {
    return rows.stream().map(Row::new);
  }

  /** Returns the rows in which a column holds a text. */
  public List<Row> where(String column, String text) {
    return where(row -> row.text(column).equals(text));
  }

  /** Returns the rows that fulfil a condition. */
  public List<Row> where(Predicate<Row> condition) {
    return stream().filter(condition).toList();
  }

  /** Returns the different texts of a column, in order of appearance. */
  public ImmutableList<String> texts(String column) {
    LinkedHashSet<String> texts = new LinkedHashSet<>();
    stream().forEach(row -> texts.add(row.text(column)));
    return ImmutableList.copyOf(texts);
  }

  /** Returns a row's cells as people read them. */
  public ImmutableList<String> shown(ImmutableList<Object> row) {
    ImmutableList.Builder<String> cells = ImmutableList.builder();
    for (int i = 0; i < row.size(); i++) {
      cells.add(shown(columns.get(i).unit(), row.get(i)));
    }
    return cells.build();
  }

  private static String shown(Unit unit, Object cell) {
    return switch (unit) {
      case TEXT -> (String) cell;
      case COUNT -> Units.count((Long) cell);
      case BYTES -> Units.bytes((Long) cell);
      case PERCENT -> Units.decimal((Double) cell, 1) + " %";
      case DECIMAL -> Units.decimal((Double) cell, 2);
    };
  }

  /** Begins a table. */
  public static Builder builder() {
    return new Builder();
  }

  /** Columns first, then rows. */
  public static final class Builder {
    private final List<Column> columns = new ArrayList<>();
    private final List<ImmutableList<Object>> rows = new ArrayList<>();

    private Builder() {}

    private Builder column(String id, String label, Unit unit) {
      columns.add(new Column(id, label, unit));
      return this;
    }

    /** Adds a column of words. */
    public Builder text(String id, String label) {
      return column(id, label, Unit.TEXT);
    }

    /** Adds a column of whole numbers. */
    public Builder count(String id, String label) {
      return column(id, label, Unit.COUNT);
    }

    /** Adds a column of bytes. */
    public Builder bytes(String id, String label) {
      return column(id, label, Unit.BYTES);
    }

    /** Adds a column of shares. */
    public Builder percent(String id, String label) {
      return column(id, label, Unit.PERCENT);
    }

    /** Adds a column of numbers with digits behind the point. */
    public Builder decimal(String id, String label) {
      return column(id, label, Unit.DECIMAL);
    }

    /** Adds a row; whole numbers may be ints, and doubles keep four digits behind the point. */
    public Builder row(Object... cells) {
      ImmutableList.Builder<Object> row = ImmutableList.builder();
      for (Object cell : cells) {
        row.add(
            cell instanceof Integer number
                ? (Object) number.longValue()
                : cell instanceof Double value ? Math.round(value * 10_000) / 10_000.0 : cell);
      }
      rows.add(row.build());
      return this;
    }

    /** Returns the table. */
    public AnswerTable build() {
      return new AnswerTable(ImmutableList.copyOf(columns), ImmutableList.copyOf(rows));
    }
  }
}
