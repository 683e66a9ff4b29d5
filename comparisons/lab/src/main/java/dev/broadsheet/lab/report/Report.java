package dev.broadsheet.lab.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.report.ReportModel.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Everything that one comparison found, on all its inputs. {@code results.json} is this record and
 * its parts, field by field; the other forms read it too, so that they carry the same numbers.
 *
 * <p>Holds no clock, no machine name and no path but the inputs': the same inputs give the same
 * bytes.
 *
 * @param schema {@value #SCHEMA}
 * @param product version of Broadsheet
 * @param traceFormat version of the trace format
 * @param metricsVersion version of the catalog
 * @param command the command that gives this report again
 * @param passed whether every answer, audit and run was right
 * @param verdict plain sentences over all inputs, the most important first
 * @param answers which strategy to choose for what, at what price, over all inputs
 * @param means strategies that ran on every input, over all inputs
 * @param metrics the catalog
 * @param claims what was claimed in 2022, and what these inputs say to it
 * @param inputs what was found on each input, in the order in which they were named
 */
public record Report(
    String schema,
    String product,
    int traceFormat,
    int metricsVersion,
    String command,
    boolean passed,
    ImmutableList<String> verdict,
    ImmutableList<Answer> answers,
    ImmutableList<Mean> means,
    ImmutableList<Metric> metrics,
    ImmutableList<ClaimResult> claims,
    ImmutableList<ReportModel> inputs) {
  /** Counts up with every change of the shape of results.json. */
  public static final int SCHEMA_VERSION = 4;

  /** What the first field of results.json says. */
  public static final String SCHEMA = "broadsheet-results/" + SCHEMA_VERSION;

  /**
   * One strategy over all inputs.
   *
   * @param spec id and options, the key
   * @param bound whether it is a bound and not a candidate
   * @param metrics metric id to the mean of its values, every input counting the same
   * @param best metric id to the number of inputs on which no candidate is better and one is worse
   */
  public record Mean(
      String spec,
      boolean bound,
      ImmutableMap<String, Number> metrics,
      ImmutableMap<String, Integer> best) {}

  /**
   * What one run, or several, say to a claim.
   *
   * @param id permanent name of the claim
   * @param option letter of the option that it is about
   * @param sign "plus" or "minus": what it was put forward as
   * @param text the claim in our words
   * @param author who made it, or "nobody"
   * @param source when and where
   * @param assumption what it takes for granted, or empty
   * @param verdict "holds", "does not hold", "depends" or "not measured here"
   * @param because what it depends on, or why it was not measured; empty otherwise
   * @param evidence the comparisons behind the verdict
   */
  public record ClaimResult(
      String id,
      String option,
      String sign,
      String text,
      String author,
      String source,
      String assumption,
      String verdict,
      String because,
      ImmutableList<Evidence> evidence) {
    /** Returns the verdict as a word for style sheets: {@code does-not-hold}. */
    public String badge() {
      return verdict.replace(' ', '-');
    }
  }

  /**
   * One comparison of numbers.
   *
   * @param input name of the trace
   * @param strategy spec of the strategy that the claim is about
   * @param metric id of the metric
   * @param measure what was measured, for people: the metric, and what was left out of it
   * @param value the measured value, exact
   * @param asked such as "at most 1.1 ×"
   * @param against spec of another strategy or id of another metric, or empty
   * @param limit what the value was compared with, exact
   * @param granted whether the claim's assumption was granted
   * @param holds whether the comparison speaks for the claim
   * @param words the comparison in words
   */
  public record Evidence(
      String input,
      String strategy,
      String metric,
      String measure,
      Number value,
      String asked,
      String against,
      Number limit,
      boolean granted,
      boolean holds,
      String words) {
    /** Returns the numbers, without what was measured where. */
    public String numbers() {
      return words.substring(words.indexOf(": ") + 2);
    }
  }

  /** Returns how many claims have which verdict: {@code 15 hold, 2 do not hold, ...}. */
  public String claimsLine() {
    return "%d hold, %d do not hold, %d depend, %d not measured here"
        .formatted(
            verdicts("holds"),
            verdicts("does not hold"),
            verdicts("depends"),
            verdicts("not measured here"));
  }

  private long verdicts(String verdict) {
    return claims.stream().filter(claim -> claim.verdict().equals(verdict)).count();
  }

  /** Returns the version of the product, as the build recorded it. */
  public static String productVersion() {
    Properties properties = new Properties();
    try (InputStream in = Report.class.getResourceAsStream("product.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version", "unknown");
  }
}
