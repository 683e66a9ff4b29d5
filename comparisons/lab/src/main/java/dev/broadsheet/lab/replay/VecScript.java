package dev.broadsheet.lab.replay;

import dev.broadsheet.api.PageAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * A script in the format {@code vec 1}: conversions, slots and questions.
 *
 * @param file its name
 * @param initialAttributes what every page begins with: shared in the convention {@code upstream},
 *     private in {@code optiond}
 * @param steps the operations with what was recorded for them
 */
record VecScript(String file, int initialAttributes, List<VecStep> steps) {
  private static final String HEADER = "'vec 1 upstream', 'vec 1 optiond' or 'script NAME'";

  static VecScript parse(ScriptText text) throws ScriptFormatException {
    int initialAttributes = initialAttributes(text);
    List<VecStep> steps = new ArrayList<>();
    List<String> answers = new ArrayList<>();
    for (int i = 1; i < text.lines().size(); i++) {
      String line = text.lines().get(i);
      if (line.startsWith("#") || line.isBlank()) {
        continue;
      }
      if (line.startsWith("=")) {
        if (steps.isEmpty()) {
          throw new ScriptFormatException(
              text.file(), i + 1L, "an answer above all operations", "an operation first");
        }
        answers.add(line.substring(1).strip());
        continue;
      }
      answers = new ArrayList<>();
      Words words = Words.of(text.file(), i + 1, line);
      checkForm(words);
      steps.add(new VecStep(words, answers, i + 2));
    }
    return new VecScript(text.file(), initialAttributes, steps);
  }

  private static int initialAttributes(ScriptText text) throws ScriptFormatException {
    String first = text.lines().get(0);
    return switch (first.strip()) {
      case "vec 1 upstream" -> PageAttributes.SHARED;
      case "vec 1 optiond" -> PageAttributes.PRIVATE;
      default ->
          throw new ScriptFormatException(
              text.file(), 1, ScriptFormatException.quote(first), HEADER);
    };
  }

  private static void checkForm(Words words) throws ScriptFormatException {
    switch (words.word(0)) {
      case "slot" -> words.requireCount(4, 5, "'slot ID BASE PAGES [USER]'");
      case "unslot" -> words.requireCount(2, 2, "'unslot ID'");
      case "set" -> words.requireCount(4, 4, "'set START END private|shared'");
      case "query" -> words.requireCount(2, 2, "'query GFN'");
      case "track", "untrack" -> words.requireCount(2, 2, "'track GFN' or 'untrack GFN'");
      case "ioctl" -> words.requireCount(5, 5, "'ioctl ADDRESS SIZE ATTRIBUTES FLAGS'");
      case "check", "dump", "stats" -> words.requireCount(1, 1, "the word alone");
      default ->
          throw words.wrong(
              ScriptFormatException.quote(words.text()),
              "slot, unslot, set, query, check, dump, stats, track, untrack or ioctl");
    }
    for (int i = 1; i < words.count(); i++) {
      boolean state = words.word(0).equals("set") && i == 3;
      if (!state) {
        words.number(i);
      } else if (!words.word(i).equals("private") && !words.word(i).equals("shared")) {
        throw words.wrong(ScriptFormatException.quote(words.word(i)), "private or shared");
      }
    }
  }
}
