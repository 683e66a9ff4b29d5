package dev.broadsheet.conformance;

import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.StrategyTrait;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.core.strategy.ForwardingContext;
import dev.broadsheet.core.strategy.StandalonePageTables;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where a strategy is judged. All of them run the same rules; what differs is what lies around the
 * tracker.
 *
 * <p>Printed and read by {@link #label()}.
 */
public enum Surroundings {
  /** Memslots, large-page words and page tables with two trees, in which nothing is mapped. */
  ALONE("alone", "slots, large-page words, and page tables of two trees that map nothing"),
  /** As alone, with one tree for private and shared pages. */
  ONE_TREE("one-tree", "alone, with one tree for both kinds of pages"),
  /**
   * As alone, with no software bit left in the entries. A strategy that needs one refuses to be
   * created, in words (R1); one that can do without is right all the same (R2).
   */
  NO_FREE_BIT("no-free-bit", "alone, with no software bit left in the entries"),
  /**
   * A virtual machine with MMU, host memory and, in a TD, the TDX module, whose guest faults and
   * accepts; several kinds and policies take turns.
   */
  WHOLE_MACHINE(
      "whole-machine", "virtual machines of several kinds, with faults, conversions and slots"),
  ;

  private final String label;
  private final String sentence;

  Surroundings(String label, String sentence) {
    this.label = label;
    this.sentence = sentence;
  }

  /** Returns the name in kebab case. */
  public String label() {
    return label;
  }

  /** Returns what lies around the tracker, in a few words. */
  public String sentence() {
    return sentence;
  }

  /**
   * Returns the surroundings with a label.
   *
   * @throws IllegalArgumentException if there is none; the message lists the known
   */
  public static Surroundings of(String label) {
    return Stream.of(values())
        .filter(one -> one.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no surroundings '%s'; known: %s"
                        .formatted(
                            label,
                            String.join(
                                ", ", Stream.of(values()).map(Surroundings::label).toList()))));
  }

  /** Returns where a strategy is to be judged: those with page tables only if it needs them. */
  public static List<Surroundings> suitable(Subject subject) {
    boolean needsTables = subject.has(StrategyTrait.NEEDS_PAGE_TABLES);
    return Stream.of(values()).filter(one -> needsTables || !one.variesPageTables()).toList();
  }

  private boolean variesPageTables() {
    return this == ONE_TREE || this == NO_FREE_BIT;
  }

  /** Returns the rules that are judged here, in order. */
  public Set<Rule> rules() {
    return switch (this) {
      case ALONE, ONE_TREE -> EnumSet.allOf(Rule.class);
      case NO_FREE_BIT -> EnumSet.of(Rule.R1, Rule.R2);
      case WHOLE_MACHINE -> EnumSet.copyOf(Conformance.WHOLE_MACHINE.rules());
    };
  }

  /** Returns the subject placed here. */
  Subject place(Subject subject) {
    return switch (this) {
      case ALONE, WHOLE_MACHINE -> subject;
      case ONE_TREE -> subject.in(context -> withTables(context, false, freeBits()));
      case NO_FREE_BIT -> subject.in(context -> withTables(context, true, 0));
    };
  }

  private static int freeBits() {
    return StandalonePageTables.FREE_BITS;
  }

  private static TrackerContext withTables(TrackerContext inner, boolean twoTrees, int freeBits) {
    PageTables tables =
        new StandalonePageTables(inner.memory(), inner.geometry().rootLevel(), twoTrees, freeBits);
    return new ForwardingContext(inner) {
      @Override
      public Optional<PageTables> pageTables() {
        return Optional.of(tables);
      }
    };
  }

  /** Returns the label. */
  @Override
  public String toString() {
    return label;
  }
}
