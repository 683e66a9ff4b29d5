package dev.broadsheet.lab.replay;

/** What a word of an answer says; decides whether a strategy has it. */
enum AnswerKind {
  /** Fixed text that names what follows. */
  LABEL("form"),
  /** Error number of a conversion. */
  RC("rc"),
  /** Whether a conversion changed anything. */
  CHANGED("changed"),
  /** What a conversion unmaps. */
  UNMAP("unmap"),
  /** Whether a page is private or shared. */
  STATE("state"),
  /** Whether the block around it really holds both. */
  ACTUAL("actual"),
  /** Largest size that may be mapped. */
  MAX("max"),
  /** All attributes, as runs or digest. */
  ATTR("attr"),
  /** Nodes of the kernel's tree, and their bytes. */
  NODES("nodes"),
  /** Most nodes at any moment of the operation. */
  PEAK("peak"),
  /** What a conversion holds faults off from. */
  INV("inv"),
  /** Large-page words: flags, counts, digests; and what else only the kernel's own form has. */
  WORDS("words"),
  /** What follows from a conversion that was out of the strategy's reach; none has it. */
  OUT_OF_REACH("out of reach");

  private final String label;

  AnswerKind(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }
}
