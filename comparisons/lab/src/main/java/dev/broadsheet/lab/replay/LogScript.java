package dev.broadsheet.lab.replay;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A script in the format of the recordings of a real KVM.
 *
 * @param file the file it stands in
 * @param name its name
 * @param line number of its first line
 * @param environment how that kernel was configured, by key
 * @param steps the operations with what was recorded for them
 */
record LogScript(
    String file, String name, int line, Map<String, String> environment, List<LogStep> steps) {
  private static final Set<String> RECORDED =
      Set.of(
          "res",
          "left",
          "exit",
          "dirty",
          "val",
          "npf",
          "req",
          "chg",
          "frz",
          "bits",
          "setspte",
          "fastpf",
          "split",
          "pt+",
          "pt-",
          "zap_all_fast",
          "mmunotifier",
          "map",
          "leaf",
          "tables",
          "pages",
          "note");

  /** Returns the scripts of a file. */
  static List<LogScript> parse(ScriptText text) throws ScriptFormatException {
    List<LogScript> scripts = new ArrayList<>();
    LogScript script = null;
    List<String> recorded = null;
    for (int i = 0; i < text.lines().size(); i++) {
      String line = text.lines().get(i).strip();
      if (line.isEmpty()) {
        continue;
      }
      Words words = Words.of(text.file(), i + 1, line);
      String first = words.word(0);
      if (first.equals("script")) {
        words.requireCount(2, 2, "'script NAME'");
        script =
            new LogScript(text.file(), words.word(1), i + 1, new TreeMap<>(), new ArrayList<>());
        scripts.add(script);
        recorded = null;
      } else if (script == null) {
        throw words.wrong(ScriptFormatException.quote(line), "'script NAME' first");
      } else if (first.equals("step")) {
        words.requireCount(3, 99, "'step N OPERATION...'");
        recorded = new ArrayList<>();
        script.steps().add(new LogStep(words, recorded, i + 2));
      } else if (first.equals("env")) {
        script.addEnvironment(words);
      } else if (first.equals("end")) {
        script.checkEnd(words);
        recorded = null;
      } else if (recorded != null && RECORDED.contains(first)) {
        recorded.add(line);
      } else if (!first.equals("about")) {
        throw words.wrong(
            ScriptFormatException.quote(line),
            recorded == null ? "'step N OPERATION...'" : "a step, or a line recorded for one");
      }
    }
    return scripts;
  }

  private void addEnvironment(Words words) throws ScriptFormatException {
    for (int i = 1; i < words.count(); i++) {
      int equals = words.word(i).indexOf('=');
      if (equals < 1) {
        throw words.wrong(ScriptFormatException.quote(words.word(i)), "KEY=VALUE");
      }
      environment.put(words.word(i).substring(0, equals), words.word(i).substring(equals + 1));
    }
  }

  private void checkEnd(Words words) throws ScriptFormatException {
    if (!words.text().equals("end steps=" + steps.size())) {
      throw words.wrong(
          ScriptFormatException.quote(words.text()),
          "'end steps=%d', as so many stand above".formatted(steps.size()));
    }
  }
}
