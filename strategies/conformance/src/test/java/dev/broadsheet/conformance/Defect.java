package dev.broadsheet.conformance;

/** A mistake that {@link SampleTracker} makes on purpose, and the rule that must find it. */
enum Defect {
  /** The description is another each time. */
  UNSTABLE_DESCRIPTION(Rule.R1),
  /** A declared option value is refused. */
  REFUSES_OPTION(Rule.R1),
  /** The last page of a longer range stays as it was. */
  FORGETS_LAST_PAGE(Rule.R2),
  /** A first page that differs already is passed over. */
  SKIPS_FIRST_DIFFERENCE(Rule.R2),
  /** Blocks that become uniform are told of, those that become mixed are not. */
  TELLS_HALF(Rule.R2),
  /** A block of a new slot is told of, though nothing turned. */
  TELLS_OF_A_NEW_SLOT(Rule.R2),
  /** The block at the end of a range is not looked at. */
  FORGETS_TAIL_BLOCK(Rule.R3),
  /** maxLevel answers more than was asked for. */
  ABOVE_CEILING(Rule.R3),
  /** A block that was mixed once stays flagged. */
  NEVER_CLEARS(Rule.R4),
  /** Nothing to do is done all the same. */
  NEVER_UNCHANGED(Rule.R5),
  /** Flags are cleared only where one conversion covers the whole block. */
  CLEARS_ONLY_WHOLE_BLOCKS(Rule.R6),
  /** Words of blocks that the slot's edge cuts are flagged: the bug of 2024. */
  FLAGS_CUT_BLOCKS(Rule.R7),
  /** Flags change in prepare. */
  FLAGS_IN_PREPARE(Rule.R8),
  /** Undeclared attribute bits are accepted. */
  ACCEPTS_ANY_BITS(Rule.R8),
  /** The old runs are freed under their readers. */
  FREES_AT_ONCE(Rule.R9),
  /** What is kept for a slot is freed under its readers when the slot goes. */
  FREES_SLOT_AT_ONCE(Rule.R9),
  /** Conversions are remembered in a Java map. */
  REMEMBERS_ON_HEAP(Rule.R10),
  /** What is kept for a slot is not freed when it goes. */
  LEAKS_PER_SLOT(Rule.R11),
  /** What was built before memory ran dry stays allocated. */
  LEAKS_ON_FAILURE(Rule.R11),
  /** Close leaves the runs allocated. */
  LEAKS_AT_CLOSE(Rule.R11),
  /** The work depends on how many trackers there were before. */
  WORKS_BY_NUMBER(Rule.R12);

  private final Rule rule;

  Defect(Rule rule) {
    this.rule = rule;
  }

  /** Returns the rule that it breaks. */
  Rule rule() {
    return rule;
  }
}
