/** The conformance kit: the rules of CONTRACT.md as runnable verdicts. */
module dev.broadsheet.conformance {
  requires transitive dev.broadsheet.core;
  requires jol.core;
  requires static org.junit.jupiter.api;

  exports dev.broadsheet.conformance;
}
