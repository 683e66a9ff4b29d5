package dev.broadsheet.conformance;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.Transitions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a tracker tells of blocks that became mixed or uniform, compared with what became of them.
 * To tell is advisory: a tracker may tell nothing at all, but what it tells must be all, once, and
 * true.
 */
final class ToldTransitions implements Transitions {
  private static final PageLevel[] LARGE = {PageLevel.PG_LEVEL_2M, PageLevel.PG_LEVEL_1G};

  private final List<String> told = new ArrayList<>();
  private Set<String> mixedBefore = Set.of();
  private boolean hasTold;

  /** The first change that was told nothing of; empty if there is none. */
  private String untold = "";

  @Override
  public void becameMixed(long gfn, PageLevel level) {
    told.add(name(gfn, level) + " mixed");
  }

  @Override
  public void becameUniform(long gfn, PageLevel level, int attributes) {
    told.add(name(gfn, level) + " uniform " + PageAttributes.format(attributes));
  }

  private static String name(long gfn, PageLevel level) {
    return "%s 0x%x".formatted(level.label(), gfn);
  }

  /** Returns what was told since the last operation began, sorted. */
  List<String> told() {
    return told.stream().sorted().toList();
  }

  /** Something that turns no block is about to begin. */
  void before() {
    told.clear();
  }

  /** A conversion of a range is about to begin. */
  void before(Truth truth, List<Memslot> slots, GfnRange range) {
    told.clear();
    mixedBefore = mixed(truth, slots, range);
  }

  /**
   * Nothing is published: all is stored at most, or a slot came or went. What a slot brings along
   * did not turn.
   */
  void requireSilence(Object during) {
    if (!told.isEmpty()) {
      throw new RuleViolation(
          Rule.R2, "%s: expected nothing told but by publish, found %s".formatted(during, told()));
    }
  }

  /** The conversion is over. */
  void after(Truth truth, List<Memslot> slots, GfnRange range, int attributes, Object done) {
    Set<String> mixedAfter = mixed(truth, slots, range);
    Set<String> expected = new TreeSet<>();
    for (String block : mixedBefore) {
      if (!mixedAfter.contains(block)) {
        expected.add(block + " uniform " + PageAttributes.format(attributes));
      }
    }
    for (String block : mixedAfter) {
      if (!mixedBefore.contains(block)) {
        expected.add(block + " mixed");
      }
    }
    hasTold |= !told.isEmpty();
    boolean exact = told.size() == expected.size() && expected.containsAll(told);
    if (!exact && untold.isEmpty()) {
      untold = "%s: expected to be told %s, found %s".formatted(done, expected, told());
    }
    if (hasTold && !untold.isEmpty()) {
      throw new RuleViolation(Rule.R2, untold);
    }
  }

  /** Returns the blocks wholly inside a slot that a range touches and that hold two attributes. */
  private static Set<String> mixed(Truth truth, List<Memslot> slots, GfnRange range) {
    Set<String> mixed = new TreeSet<>();
    for (Memslot slot : slots) {
      GfnRange touched = slot.range().intersection(range);
      if (touched == null) {
        continue;
      }
      for (PageLevel level : LARGE) {
        long end = level.roundUp(touched.end());
        for (long block = level.roundDown(touched.start()); block < end; block += level.pages()) {
          GfnRange pages = new GfnRange(block, block + level.pages());
          if (slot.range().contains(pages) && !truth.isUniform(pages)) {
            mixed.add(name(block, level));
          }
        }
      }
    }
    return mixed;
  }
}
