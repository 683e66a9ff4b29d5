package dev.broadsheet.lab.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;

/**
 * What a guest will do: loops, one after the other, each turn of which is run when its events are
 * asked for. A turn should give a few thousand events at most.
 */
final class Stage {
  private final List<Loop> loops = new ArrayList<>();
  private int current;
  private long turn;

  /** Appends one turn. */
  void once(Runnable action) {
    times(1, turn -> action.run());
  }

  /** Appends turns 0 to count - 1. */
  void times(long count, LongConsumer action) {
    if (count > 0) {
      loops.add(
          new Loop(
              count,
              turn -> {
                action.accept(turn);
                return true;
              }));
    }
  }

  /** Appends turns up to and with the first that answers false. */
  void whileTrue(BooleanSupplier action) {
    loops.add(new Loop(Long.MAX_VALUE, turn -> action.getAsBoolean()));
  }

  /** Appends a turn for each multiple of {@code step} from {@code from}, below {@code to}. */
  void range(long from, long to, long step, LongConsumer action) {
    times((to - from + step - 1) / step, turn -> action.accept(from + turn * step));
  }

  /** Runs the next turn; false if there is none. */
  boolean step() {
    while (current < loops.size() && turn == loops.get(current).count) {
      current++;
      turn = 0;
    }
    if (current == loops.size()) {
      return false;
    }
    if (!loops.get(current).action.test(turn++)) {
      current++;
      turn = 0;
    }
    return true;
  }

  private record Loop(long count, LongPredicate action) {}
}
