package dev.broadsheet.lab.replay;

import java.util.List;

/**
 * A file of scripts, or of what a real KVM traced.
 *
 * @param file its name
 * @param vectors a vector script, or none
 * @param logs recorded scripts, or none
 * @param pipes a log of tracepoints, or none
 */
record ScriptFile(
    String file, List<VecScript> vectors, List<LogScript> logs, List<TracePipeLog> pipes) {
  static ScriptFile parse(ScriptText text) throws ScriptFormatException {
    if (TracePipeLog.isOne(text)) {
      return new ScriptFile(text.file(), List.of(), List.of(), List.of(TracePipeLog.parse(text)));
    }
    boolean isLog =
        text.lines().stream()
            .filter(line -> !line.isBlank())
            .findFirst()
            .filter(line -> line.startsWith("script "))
            .isPresent();
    return isLog
        ? new ScriptFile(text.file(), List.of(), LogScript.parse(text), List.of())
        : new ScriptFile(text.file(), List.of(VecScript.parse(text)), List.of(), List.of());
  }
}
