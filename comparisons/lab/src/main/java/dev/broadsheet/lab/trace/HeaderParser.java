package dev.broadsheet.lab.trace;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the lines up to {@code # end-of-header}. */
final class HeaderParser {
  static final String FIRST_LINE = "# tdp-trace 1";
  static final String LAST_LINE = "# end-of-header";

  /** More header lines than this are no header. */
  private static final int LONGEST_HEADER = 4096;

  /** All of a header is kept in memory: more characters than this are no header. */
  private static final int LARGEST_HEADER = 1 << 20;

  private static final int MOST_VCPUS = 4096;
  private static final long GPA_LIMIT = 1L << 52;

  private final LineReader lines;
  private final Map<String, String> keys = new LinkedHashMap<>();
  private final List<TraceSlot> slots = new ArrayList<>();
  private final Map<EventKind, Long> counts = new EnumMap<>(EventKind.class);

  HeaderParser(LineReader lines) {
    this.lines = lines;
  }

  TraceHeader parse() throws IOException {
    if (!lines.next()) {
      throw lines.wrong("an empty file", "'" + FIRST_LINE + "' in line 1");
    }
    String first = line();
    if (!first.equals(FIRST_LINE)) {
      throw lines.malformed(
          "'"
              + FIRST_LINE
              + "'"
              + (first.startsWith("# tdp-trace ") ? "; this release reads format 1 only" : ""));
    }
    long size = 0;
    while (true) {
      if (!lines.next()) {
        throw lines.wrong("the end of the file inside the header", "'" + LAST_LINE + "'");
      }
      String line = line();
      if (line.equals(LAST_LINE)) {
        return header();
      }
      if (!line.startsWith("#")) {
        throw lines.malformed("a header line or '" + LAST_LINE + "' before the first event");
      }
      if (lines.lineNumber() > LONGEST_HEADER) {
        throw lines.wrong(
            "a header of more than " + LONGEST_HEADER + " lines", "'" + LAST_LINE + "' before");
      }
      size += line.length();
      if (size > LARGEST_HEADER) {
        throw lines.wrong(
            "a header of more than " + LARGEST_HEADER + " characters",
            "'" + LAST_LINE + "' before");
      }
      int colon = line.indexOf(": ");
      if (colon > 2 && line.charAt(1) == ' ') {
        key(line.substring(2, colon), line.substring(colon + 2));
      }
    }
  }

  private String line() {
    return new String(
        lines.buffer(), lines.start(), lines.end() - lines.start(), StandardCharsets.UTF_8);
  }

  private void key(String key, String value) throws TraceFormatException {
    switch (key) {
      case "slot" -> slots.add(slot(value));
      case "counts" -> counts(value);
      default -> {
        if (keys.put(key, value) != null) {
          throw lines.malformed("the key '" + key + "' once");
        }
      }
    }
  }

  private TraceSlot slot(String value) throws TraceFormatException {
    String expected = "'# slot: GPA SIZE rw|ro NAME' in hex, whole 4 KiB pages below 2^52";
    String[] words = value.split(" ", 4);
    if (words.length != 4 || !(words[2].equals("rw") || words[2].equals("ro"))) {
      throw lines.malformed(expected);
    }
    long gpa = hex(words[0], expected);
    long bytes = hex(words[1], expected);
    if (((gpa | bytes) & 0xfff) != 0 || bytes == 0 || gpa > GPA_LIMIT - bytes) {
      throw lines.malformed(expected);
    }
    for (TraceSlot other : slots) {
      if (gpa < other.end() && other.gpa() < gpa + bytes) {
        throw lines.malformed(
            "a slot that does not overlap [%x, %x)".formatted(other.gpa(), other.end()));
      }
    }
    return new TraceSlot(gpa, bytes, words[2].equals("rw"), words[3]);
  }

  private long hex(String word, String expected) throws TraceFormatException {
    if (!word.matches("[0-9a-f]{1,14}")) {
      throw lines.malformed(expected);
    }
    return Long.parseLong(word, 16);
  }

  private void counts(String value) throws TraceFormatException {
    String expected = "'# counts: F=number ...' with the letters I F T A C D E M";
    for (String part : value.split(" ", -1)) {
      EventKind kind = part.isEmpty() ? null : EventKind.ofLetter(part.charAt(0));
      if (kind == null || !part.matches(".=[0-9]{1,18}")) {
        throw lines.malformed(expected);
      }
      if (counts.put(kind, Long.parseLong(part.substring(2))) != null) {
        throw lines.malformed(expected + ", each once");
      }
    }
  }

  private TraceHeader header() throws TraceFormatException {
    String name = required("name");
    String kindName = required("kind");
    String vcpus = required("vcpus");
    GuestKind kind =
        switch (kindName) {
          case "td" -> GuestKind.TD;
          case "vm" -> GuestKind.VM;
          default -> throw lines.wrong("kind '" + kindName + "' in the header", "td or vm");
        };
    int cpus = vcpus.matches("[0-9]{1,5}") ? Integer.parseInt(vcpus) : 0;
    if (cpus < 1 || cpus > MOST_VCPUS) {
      throw lines.wrong("vcpus '" + vcpus + "' in the header", "1 to " + MOST_VCPUS);
    }
    if (slots.isEmpty()) {
      throw lines.wrong("no '# slot:' line in the header", "at least one");
    }
    slots.sort(Comparator.comparingLong(TraceSlot::gpa));
    keys.keySet().removeAll(List.of("name", "kind", "vcpus"));
    return new TraceHeader(
        name,
        kind,
        cpus,
        ImmutableList.copyOf(slots),
        ImmutableMap.copyOf(counts),
        ImmutableMap.copyOf(keys));
  }

  private String required(String key) throws TraceFormatException {
    String value = keys.get(key);
    if (value == null || value.isBlank()) {
      throw lines.wrong("no '# " + key + ":' line in the header", "one");
    }
    return value;
  }
}
