package dev.broadsheet.lab.cli;

import java.util.ArrayList;
import java.util.List;

/** A table of plain text for the terminal: columns as wide as needed, numbers to the right. */
final class TextTable {
  private final List<List<String>> rows = new ArrayList<>();
  private final List<Boolean> right;

  /** Begins with the head; {@code alignment} has an l or an r for each column. */
  TextTable(String alignment, String... head) {
    right = alignment.chars().mapToObj(c -> c == 'r').toList();
    rows.add(List.of(head));
  }

  void add(String... cells) {
    rows.add(List.of(cells));
  }

  /** Returns the lines, a rule below the head. */
  List<String> lines() {
    int[] widths = new int[right.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String padding = " ".repeat(widths[i] - row.get(i).length());
        line.append(i == 0 ? "" : "  ");
        line.append(right.get(i) ? padding + row.get(i) : row.get(i) + padding);
      }
      lines.add(line.toString().stripTrailing());
      if (lines.size() == 1) {
        StringBuilder rule = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
          rule.append(i == 0 ? "" : "  ").append("-".repeat(widths[i]));
        }
        lines.add(rule.toString());
      }
    }
    return lines;
  }
}
