package dev.broadsheet.lab.trace;

/** How a guest touched a page. */
public enum AccessType {
  /** Data read. */
  READ('r'),
  /** Data write. */
  WRITE('w'),
  /** Instruction fetch. */
  EXECUTE('x'),
  /** Read by the guest's page-table walker. */
  WALK('t');

  private final char letter;

  AccessType(char letter) {
    this.letter = letter;
  }

  /** Returns the letter in a trace line. */
  public char letter() {
    return letter;
  }
}
