package dev.broadsheet.benchmarks;

import com.google.common.collect.ImmutableSortedMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * One thing that is timed: a benchmark method with all its parameters.
 *
 * @param method class and method, such as {@code LookupBenchmark.fault}
 * @param params values of the class's parameters, by name
 * @param threads how many threads call it
 */
record Subject(String method, ImmutableSortedMap<String, String> params, int threads) {
  static Subject of(String method) {
    return new Subject(method, ImmutableSortedMap.of(), 1);
  }

  /** Returns the same subject with a parameter set. */
  Subject with(String name, Object value) {
    TreeMap<String, String> more = new TreeMap<>(params);
    more.put(name, value.toString());
    return new Subject(method, ImmutableSortedMap.copyOf(more), threads);
  }

  /** Returns the same subject called by some threads. */
  Subject onThreads(int count) {
    return new Subject(method, params, count);
  }

  /** Returns the pattern that selects this method alone. */
  String include() {
    return "^" + Subject.class.getPackageName().replace(".", "\\.") + "\\." + method + "$";
  }

  /** Returns method, parameters and threads as one short text. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(method);
    for (Map.Entry<String, String> param : params.entrySet()) {
      text.append(' ').append(param.getKey()).append('=').append(param.getValue());
    }
    return threads == 1 ? text.toString() : text.append(" threads=").append(threads).toString();
  }
}
