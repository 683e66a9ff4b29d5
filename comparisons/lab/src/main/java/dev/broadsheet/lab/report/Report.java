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
    ImmutableList<ReportModel> inputs) {
  /** Counts up with every change of the shape of results.json. */
  public static final int SCHEMA_VERSION = 3;

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
