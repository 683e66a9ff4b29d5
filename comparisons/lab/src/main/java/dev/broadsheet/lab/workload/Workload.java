package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.trace.Trace;
import java.util.Map;

/**
 * A named, parameterised source of events.
 *
 * <p>Stateless and safe for use from several threads.
 */
public final class Workload {
  /** The name of the parameter that every workload has. */
  public static final String SEED = "seed";

  static final long DEFAULT_SEED = 1;

  private final Pattern pattern;

  Workload(Pattern pattern) {
    this.pattern = pattern;
  }

  /** Returns the permanent id: {@code W6}, or a preset's name. */
  public String id() {
    return pattern.description().id();
  }

  /** Returns the id in words, such as {@code bounce-pool}; accepted wherever the id is. */
  public String name() {
    return pattern.description().name();
  }

  /** Returns a few words. */
  public String title() {
    return pattern.description().title();
  }

  /** Returns what happens, in one sentence. */
  public String sentence() {
    return pattern.description().sentence();
  }

  /** Returns what the workload is taken from. */
  public String basis() {
    return pattern.description().basis();
  }

  /** Returns how it is expressed in events. */
  public String mapping() {
    return pattern.description().mapping();
  }

  /** Returns what the events cannot express; empty if nothing is lost. */
  public String limits() {
    return pattern.description().limits();
  }

  /** Returns published figures and whether they are put in or come out. */
  public ImmutableList<PublishedFigure> calibration() {
    return pattern.description().calibration();
  }

  /** Returns whether this is a preset that composes patterns. */
  public boolean isPreset() {
    return !id().startsWith("W");
  }

  /** Returns the knobs; the seed comes in addition. */
  public ImmutableList<Parameter> parameters() {
    return pattern.parameters();
  }

  /**
   * Returns the trace of some values; parameters that are not given have their defaults.
   *
   * @param given name to text, without the seed
   * @param seed any number; the same seed gives the same events
   * @throws IllegalArgumentException if a parameter is unknown, or a value is not allowed
   */
  public Trace create(Map<String, String> given, long seed) {
    try {
      Values values = Values.of(parameters());
      for (Map.Entry<String, String> entry : given.entrySet()) {
        values = values.with(entry.getKey(), entry.getValue());
      }
      return new GeneratedTrace(pattern, values, seed);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("Workload %s: %s".formatted(id(), e.getMessage()), e);
    }
  }

  /** Returns the trace with all defaults. */
  public Trace create() {
    return create(Map.of(), DEFAULT_SEED);
  }

  @Override
  public String toString() {
    return id();
  }
}
