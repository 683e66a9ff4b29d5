package dev.broadsheet.core.tdx;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the CSV files of the fact sheet. None of their cells holds a comma in quotes. */
final class FactTables {
  private FactTables() {}

  /** One row: cells by column. */
  record Row(Map<String, String> cells) {
    String get(String column) {
      String cell = cells.get(column);
      if (cell == null) {
        throw new IllegalArgumentException("no column " + column + " in " + cells.keySet());
      }
      return cell;
    }
  }

  /** Returns the rows of a file, each as column to cell. */
  static List<Row> rows(String name) {
    try (InputStream in = FactTables.class.getResourceAsStream("/tdx/" + name)) {
      if (in == null) {
        throw new IllegalStateException("no test resource tdx/" + name);
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Parses CSV with a header. */
  static List<Row> parse(String text) {
    List<String> lines = text.lines().toList();
    String[] header = lines.get(0).split(",", -1);
    List<Row> rows = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",", -1);
      Map<String, String> row = new LinkedHashMap<>();
      for (int i = 0; i < header.length; i++) {
        row.put(header[i], cells[i]);
      }
      rows.add(new Row(row));
    }
    return rows;
  }
}
