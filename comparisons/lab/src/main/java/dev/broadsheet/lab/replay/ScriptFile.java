package dev.broadsheet.lab.replay;

import java.util.List;

/**
 * A file of scripts, of the one format or the other.
 *
 * @param file its name
 * @param vectors a vector script, or none
 * @param logs recorded scripts, or none
 */
record ScriptFile(String file, List<VecScript> vectors, List<LogScript> logs) {
  static ScriptFile parse(ScriptText text) throws ScriptFormatException {
    boolean isLog =
        text.lines().stream()
            .filter(line -> !line.isBlank())
            .findFirst()
            .filter(line -> line.startsWith("script "))
            .isPresent();
    return isLog
        ? new ScriptFile(text.file(), List.of(), LogScript.parse(text))
        : new ScriptFile(text.file(), List.of(VecScript.parse(text)), List.of());
  }
}
