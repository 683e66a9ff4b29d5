package dev.broadsheet.core.tdx;

import dev.broadsheet.core.memory.OwnLines;
import dev.broadsheet.core.tdx.seamcall.SeamcallFrame;
import org.jspecify.annotations.Nullable;

/**
 * The registers of one logical processor, as far as the TDX module reads and writes them.
 *
 * <p>A caller keeps one for each thread and uses it again for each call: no call allocates. Not
 * safe for use from two threads at a time.
 */
public final class Registers extends OwnLines {
  /** Status of the last call; in guest reads and writes, the data. */
  public long rax;

  /** RCX. */
  public long rcx;

  /** RDX. */
  public long rdx;

  /** R8. */
  public long r8;

  /** R9. */
  public long r9;

  /** R10. */
  public long r10;

  /** R11. */
  public long r11;

  /** R12. */
  public long r12;

  /** R13. */
  public long r13;

  /** R14. */
  public long r14;

  /** R15. */
  public long r15;

  /** Which logical processor executes; vCPUs are bound to it, and it belongs to a package. */
  public int processor;

  /** Scratch of the call under way. */
  @Nullable SeamcallFrame frame;

  /** Creates registers that hold 0, of processor 0. */
  public Registers() {}

  /** Sets all registers to 0; keeps the processor. */
  public void clear() {
    rax = 0;
    rcx = 0;
    rdx = 0;
    r8 = 0;
    r9 = 0;
    r10 = 0;
    r11 = 0;
    r12 = 0;
    r13 = 0;
    r14 = 0;
    r15 = 0;
  }

  /** Sets the two operands that most functions have; returns this. */
  public Registers operands(long newRcx, long newRdx) {
    rcx = newRcx;
    rdx = newRdx;
    return this;
  }

  /** Sets three operands; returns this. */
  public Registers operands(long newRcx, long newRdx, long newR8) {
    rcx = newRcx;
    rdx = newRdx;
    r8 = newR8;
    return this;
  }

  /** Returns R8 to R15 by number. */
  public long get(int number) {
    return switch (number) {
      case 8 -> r8;
      case 9 -> r9;
      case 10 -> r10;
      case 11 -> r11;
      case 12 -> r12;
      case 13 -> r13;
      case 14 -> r14;
      case 15 -> r15;
      default -> throw new IllegalArgumentException("register r" + number + "; known: r8 to r15");
    };
  }

  /** Sets R8 to R15 by number. */
  public void set(int number, long value) {
    switch (number) {
      case 8 -> r8 = value;
      case 9 -> r9 = value;
      case 10 -> r10 = value;
      case 11 -> r11 = value;
      case 12 -> r12 = value;
      case 13 -> r13 = value;
      case 14 -> r14 = value;
      case 15 -> r15 = value;
      default -> throw new IllegalArgumentException("register r" + number + "; known: r8 to r15");
    }
  }
}
