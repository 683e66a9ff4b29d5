package dev.broadsheet.core.memory;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * How threads wait for each other where a scheduler decides who goes on ({@link Interleaving}):
 * waiting in any other way would stop the one that is to be waited for.
 */
public interface Turns {
  /** The calling thread can go on when the condition holds. */
  void await(Supplier<String> what, BooleanSupplier condition);

  /**
   * The calling thread will try again what it cannot do now. Others go on first, as long as one of
   * them can.
   */
  void spin();
}
