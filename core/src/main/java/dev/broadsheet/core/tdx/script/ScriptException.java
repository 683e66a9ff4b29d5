package dev.broadsheet.core.tdx.script;

import java.io.Serial;

/** A line of a script that cannot be executed: which one, and what would do. */
public final class ScriptException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final int line;

  ScriptException(int line, String message) {
    super("line " + line + ": " + message);
    this.line = line;
  }

  /** Returns the number of the line, from 1 on. */
  public int line() {
    return line;
  }
}
