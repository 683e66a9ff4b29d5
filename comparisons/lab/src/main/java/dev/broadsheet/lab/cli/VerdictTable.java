package dev.broadsheet.lab.cli;

import dev.broadsheet.conformance.Rule;
import dev.broadsheet.conformance.RuleVerdict;
import dev.broadsheet.conformance.Subject;
import dev.broadsheet.conformance.Surroundings;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Verdicts as a table, a row for each strategy and place. Rows are printed when they are known, so
 * that a long run shows where it is; failures and remarks follow below.
 */
final class VerdictTable {
  private static final Pattern LINE_BREAKS = Pattern.compile("\\s*[\\r\\n]+\\s*");
  private static final String HEAD = "strategy";
  private static final String PLACE = "in";
  private static final int CELL = 4;

  private final PrintWriter out;
  private final int idWidth;
  private final int placeWidth;
  private final List<String> failures = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();
  private int verdicts;
  private int broken;
  private int brokenMusts;

  VerdictTable(PrintWriter out, List<Subject> subjects) {
    this.out = out;
    this.idWidth =
        Math.max(
            HEAD.length(),
            subjects.stream().mapToInt(subject -> subject.toString().length()).max().orElse(0));
    this.placeWidth =
        List.of(Surroundings.values()).stream()
            .mapToInt(place -> place.label().length())
            .max()
            .orElse(PLACE.length());
  }

  void add(Subject subject, Surroundings where, List<RuleVerdict> given) {
    if (verdicts == 0) {
      printHead();
    }
    StringBuilder row = row(subject.toString(), where.label());
    for (Rule rule : Rule.values()) {
      RuleVerdict verdict =
          given.stream().filter(each -> each.rule() == rule).findFirst().orElse(null);
      row.append(cell(verdict == null ? "" : word(verdict)));
      if (verdict != null) {
        note(subject, where, verdict);
      }
    }
    out.println(row.toString().stripTrailing());
    out.flush();
  }

  private void printHead() {
    StringBuilder head = row(HEAD, PLACE);
    StringBuilder line = row("-".repeat(idWidth), "-".repeat(placeWidth));
    for (Rule rule : Rule.values()) {
      head.append(cell(rule.toString()));
      line.append(cell("-".repeat(CELL)));
    }
    out.println(head.toString().stripTrailing());
    out.println(line.toString().stripTrailing());
  }

  private StringBuilder row(String id, String place) {
    return new StringBuilder(("%-" + idWidth + "s  %-" + placeWidth + "s").formatted(id, place));
  }

  private static String cell(String text) {
    return ("  %-" + CELL + "s").formatted(text);
  }

  /** Returns the verdict in a word. */
  static String word(RuleVerdict verdict) {
    return switch (verdict.result()) {
      case PASS -> "ok";
      case FAIL -> "FAIL";
      case NOT_APPLICABLE -> "-";
    };
  }

  static String oneLine(String text) {
    return LINE_BREAKS.matcher(text.strip()).replaceAll(" ");
  }

  private void note(Subject subject, Surroundings where, RuleVerdict verdict) {
    verdicts++;
    String line =
        "%s in %s, %s: %s".formatted(subject, where, verdict.rule(), oneLine(verdict.message()));
    switch (verdict.result()) {
      case FAIL -> {
        broken++;
        brokenMusts += verdict.rule().isMust() ? 1 : 0;
        failures.add("FAIL " + line);
        if (!verdict.repeat().isEmpty()) {
          failures.add("  repeat: " + VerifyCommand.repeatLine(subject, where, verdict));
        }
      }
      case NOT_APPLICABLE -> {
        if (verdict.rule() == Rule.R2 && where != Surroundings.NO_FREE_BIT) {
          remarks.add("not judged: " + line);
        }
      }
      case PASS -> {
        if (verdict.misses() > 0 || (where == Surroundings.NO_FREE_BIT && isRefusal(verdict))) {
          remarks.add("remark: " + line);
        }
      }
    }
  }

  private static boolean isRefusal(RuleVerdict verdict) {
    return verdict.rule() == Rule.R1;
  }

  boolean isEmpty() {
    return verdicts == 0;
  }

  boolean hasBrokenMust() {
    return brokenMusts > 0;
  }

  /** Prints failures and remarks, and the sum as the last line. */
  void end() {
    if (!failures.isEmpty() || !remarks.isEmpty()) {
      out.println();
    }
    failures.forEach(out::println);
    remarks.forEach(out::println);
    out.println();
    out.println(
        "%d verdicts, %d failures%s"
            .formatted(
                verdicts,
                broken,
                broken == brokenMusts
                    ? ""
                    : ", of which %d of R4, which is a should and leaves the exit status"
                        .formatted(broken - brokenMusts)));
    out.flush();
  }
}
