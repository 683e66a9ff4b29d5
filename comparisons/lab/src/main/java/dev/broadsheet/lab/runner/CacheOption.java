package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.core.memory.CacheGeometry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code --cache} says: sizes of the three levels of the modelled caches, or off. */
public final class CacheOption {
  /** A recent server core, with its share of the last level. */
  public static final ImmutableList<CacheGeometry> DEFAULT =
      ImmutableList.of(
          new CacheGeometry("l1", 48 << 10, 12),
          new CacheGeometry("l2", 2 << 20, 16),
          new CacheGeometry("l3", 32 << 20, 16));

  private static final Pattern LEVEL =
      Pattern.compile("(l[123])=([0-9]{1,6})([km])(?:/([0-9]{1,2}))?");

  private CacheOption() {}

  /**
   * Returns the levels.
   *
   * @param text {@code off}, or {@code l1=48k/12,l2=2m/16,l3=32m/16}: size and ways of those levels
   *     that are not as by default; without ways as many as by default
   * @throws IllegalArgumentException if it is something else, or no such cache can be
   */
  public static ImmutableList<CacheGeometry> parse(String text) {
    if (text.isBlank()) {
      return DEFAULT;
    }
    if (text.equals("off")) {
      return ImmutableList.of();
    }
    List<CacheGeometry> levels = new ArrayList<>(DEFAULT);
    for (String level : text.split(",", -1)) {
      Matcher matcher = LEVEL.matcher(level.strip().toLowerCase(Locale.ROOT));
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "Unknown level '%s' in --cache. Write off, or l1=48k/12,l2=2m/16,l3=32m/16 (size/ways)."
                .formatted(level));
      }
      int index = matcher.group(1).charAt(1) - '1';
      long bytes = Long.parseLong(matcher.group(2)) << (matcher.group(3).equals("k") ? 10 : 20);
      int ways =
          matcher.group(4) == null ? DEFAULT.get(index).ways() : Integer.parseInt(matcher.group(4));
      levels.set(index, new CacheGeometry(matcher.group(1), bytes, ways));
    }
    return ImmutableList.copyOf(levels);
  }

  /** Returns how {@link #parse} reads it. */
  public static String format(List<CacheGeometry> levels) {
    if (levels.isEmpty()) {
      return "off";
    }
    List<String> words = new ArrayList<>();
    for (CacheGeometry level : levels) {
      boolean isWhole = level.bytes() % (1 << 20) == 0;
      words.add(
          "%s=%d%s/%d"
              .formatted(
                  level.name(),
                  isWhole ? level.bytes() >> 20 : level.bytes() >> 10,
                  isWhole ? "m" : "k",
                  level.ways()));
    }
    return String.join(",", words);
  }
}
