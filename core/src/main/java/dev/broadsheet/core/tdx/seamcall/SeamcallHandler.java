package dev.broadsheet.core.tdx.seamcall;

import dev.broadsheet.core.tdx.Registers;

/**
 * What one SEAMCALL leaf does. It returns the status and need not release what it locked through
 * the frame: the door does that.
 */
@FunctionalInterface
public interface SeamcallHandler {
  /** Executes the function on the registers; returns RAX. */
  long call(SeamcallFrame frame, Registers regs);
}
