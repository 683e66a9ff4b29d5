package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableMap;

/**
 * A strategy and its figures, of one input or of several.
 *
 * @param spec id and options
 * @param metrics metric id to value
 */
record Contender(String spec, ImmutableMap<String, Number> metrics) {
  Number metric(String id) {
    Number value = metrics.get(id);
    if (value == null) {
      throw new IllegalArgumentException("no value for metric '" + id + "' of " + spec);
    }
    return value;
  }

  double value(String id) {
    return metric(id).doubleValue();
  }
}
