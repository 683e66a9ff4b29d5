package dev.broadsheet.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;

/** On what a run was made: figures of two runs compare only where these agree. */
final class Surroundings {
  private Surroundings() {}

  /** Returns what the machine and the JVM are, in the order of reading. */
  static Map<String, String> ofThisRun() {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
    values.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    values.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    values.put("heap pages", HugePages.jvmArgs().length > 0 ? "2M asked for" : "4K");
    return values;
  }

  /** Returns the same in one line. */
  static String line() {
    StringBuilder line = new StringBuilder();
    ofThisRun()
        .forEach(
            (name, value) ->
                line.append(line.length() == 0 ? "" : "; ")
                    .append(name)
                    .append(": ")
                    .append(value));
    return line.toString();
  }
}
