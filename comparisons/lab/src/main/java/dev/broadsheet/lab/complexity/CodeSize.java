package dev.broadsheet.lab.complexity;

/**
 * How much code there is.
 *
 * @param classes classes that have one of the methods
 * @param methods methods with code; a lambda's body is one, a compiler's bridge is none
 * @param branches conditional jumps, and the cases of switches
 * @param instructions instructions of the virtual machine
 */
public record CodeSize(long classes, long methods, long branches, long instructions) {
  /** No code. */
  public static final CodeSize NONE = new CodeSize(0, 0, 0, 0);
}
