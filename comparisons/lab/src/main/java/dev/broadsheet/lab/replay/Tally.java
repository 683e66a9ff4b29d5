package dev.broadsheet.lab.replay;

import java.io.PrintWriter;

/** Counts what was compared, and prints differences, at most twenty a file. */
final class Tally {
  private static final int MOST_PER_FILE = 20;

  private final PrintWriter out;
  private long scripts;
  private long steps;
  private long differences;
  private long compared;
  private long notApplicable;
  private String file = "";
  private long differencesOfFile;

  Tally(PrintWriter out) {
    this.out = out;
  }

  void beginFile(String name) {
    file = name;
    differencesOfFile = 0;
  }

  void endFile() {
    if (differencesOfFile > MOST_PER_FILE) {
      out.println("%s: %d more differences".formatted(file, differencesOfFile - MOST_PER_FILE));
    }
  }

  void script() {
    scripts++;
  }

  void step() {
    steps++;
  }

  void same() {
    compared++;
  }

  void notApplicable() {
    notApplicable++;
  }

  /** Notes that an answer differs from what was recorded at a line of the file. */
  void different(long line, String operation, String what, String expected, String found) {
    compared++;
    differences++;
    differencesOfFile++;
    if (differencesOfFile <= MOST_PER_FILE) {
      out.println(
          "%s:%d: %s: %s: expected %s, got %s"
              .formatted(file, line, operation, what, expected, found));
    }
  }

  ReplayResult result() {
    return new ReplayResult(scripts, steps, differences, compared, notApplicable);
  }
}
