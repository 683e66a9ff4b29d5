package dev.broadsheet.lab.runner;

import dev.broadsheet.core.vm.attributes.YieldHook;
import dev.broadsheet.lab.runner.Lookahead.Ahead;
import dev.broadsheet.lab.trace.EventKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Lets events of other vCPUs happen while one vCPU is inside a conversion or a fault.
 *
 * <p><b>In a conversion</b>, at the places where {@code mmu_lock} is free, accesses and accepts of
 * other vCPUs may happen. One that meets the open invalidation comes again at each such place, as a
 * vCPU that faults again and again, and is done at the latest when the call is over.
 *
 * <p><b>In a fault</b>, while it looks for its page and holds no lock, the conversion of another
 * vCPU may happen, whole; the fault then finds that the sequence moved.
 *
 * <p><b>Which.</b> With {@link Overlap.Mode#TRACE} those that the trace puts there: behind a
 * conversion, until its vCPU does something else, {@value #CONVERSION_NANOS} ns at most; behind an
 * access, the first conversion within {@value #FAULT_NANOS} ns. With {@link Overlap.Mode#SEED} a
 * lot is drawn for each of the next {@value #FURTHEST} events. The lot depends on seed, event and
 * place alone, so that every strategy is offered the same.
 *
 * <p><b>What never changes.</b> Each event happens once, those of one vCPU in order, and none
 * before an earlier one that touches the same 2M region: the trace does not say who waited for
 * whom.
 */
final class Overlapping implements YieldHook {
  /** Does the events. */
  interface Guest {
    /** An access or accept; returns false if it has to come again. */
    boolean attempt(Ahead ahead, boolean isLast);

    /** A conversion. */
    void convert(Ahead ahead);

    /** An event is about to happen within another vCPU's conversion. */
    void overlapped();

    /** Compares answers of the tracker while the conversion is at {@code next}. */
    void look(Ahead conversion, long next);
  }

  private static final long CONVERSION_NANOS = 1_000_000;
  private static final long FAULT_NANOS = 100_000;
  private static final int FURTHEST = 256;
  private static final int MOST_AT_ONCE = 4;
  private static final int REGION_SHIFT = 21;
  private static final long GOLDEN_RATIO = 0x9e37_79b9_7f4a_7c15L;

  private final Overlap overlap;
  private final Lookahead lookahead;
  private final Guest guest;
  private final List<Ahead> held = new ArrayList<>();
  private final List<Ahead> passedOver = new ArrayList<>();
  private @Nullable Ahead outer;
  private boolean isOffered;
  private boolean isNested;

  Overlapping(Overlap overlap, Lookahead lookahead, Guest guest) {
    this.overlap = overlap;
    this.lookahead = lookahead;
    this.guest = guest;
  }

  boolean isOff() {
    return overlap.mode() == Overlap.Mode.OFF;
  }

  /** Runs an event that others may overlap. */
  void around(Ahead event, Runnable action) {
    if (isOff() || isNested) {
      action.run();
      return;
    }
    outer = event;
    isOffered = false;
    try {
      action.run();
    } finally {
      outer = null;
    }
    isNested = true;
    for (Ahead waiting : held) {
      waiting.isDone = guest.attempt(waiting, /* isLast= */ true);
    }
    held.clear();
    isNested = false;
  }

  private @Nullable Ahead outer(boolean isConversion) {
    Ahead event = outer;
    if (event == null || isNested) {
      return null;
    }
    EventKind kind = event.event.kind();
    return (isConversion ? kind == EventKind.CONVERT : isAccess(kind)) ? event : null;
  }

  @Override
  public void letRun(Phase phase, long next) {
    Ahead conversion = outer(/* isConversion= */ true);
    if (conversion == null) {
      return;
    }
    isNested = true;
    try {
      guest.look(conversion, next);
      held.removeIf(
          waiting -> {
            waiting.isDone = guest.attempt(waiting, /* isLast= */ false);
            return waiting.isDone;
          });
      if (phase != Phase.STORING) {
        offerAccesses(conversion, phase);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      isNested = false;
    }
  }

  private void offerAccesses(Ahead conversion, Phase phase) throws IOException {
    passedOver.clear();
    int started = 0;
    for (int i = 0; i < FURTHEST && started < MOST_AT_ONCE; i++) {
      Ahead ahead = lookahead.peek(i);
      if (ahead == null || isEnd(conversion, ahead)) {
        return;
      }
      if (ahead.isDone || ahead.event.kind() == EventKind.MARK) {
        continue;
      }
      boolean may =
          isAccess(ahead.event.kind())
              && ahead.event.vcpu() != conversion.event.vcpu()
              && !held.contains(ahead)
              && !isBehind(ahead)
              && isDrawn(ahead, phase == Phase.INVALIDATED ? 1 : 2);
      if (may) {
        started++;
        guest.overlapped();
        ahead.isDone = guest.attempt(ahead, /* isLast= */ false);
      }
      if (!ahead.isDone) {
        passedOver.add(ahead);
        if (may) {
          held.add(ahead);
        }
      }
    }
  }

  /** A fault found its page and holds no lock: the conversion of another vCPU may happen. */
  void inFault() {
    Ahead access = outer(/* isConversion= */ false);
    if (access == null || isOffered || isOff()) {
      return;
    }
    isOffered = true;
    isNested = true;
    try {
      offerConversion(access);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      isNested = false;
    }
  }

  private void offerConversion(Ahead access) throws IOException {
    passedOver.clear();
    passedOver.add(access);
    for (int i = 0; i < FURTHEST; i++) {
      Ahead ahead = lookahead.peek(i);
      if (ahead == null || isFence(ahead.event.kind())) {
        return;
      }
      if (ahead.isDone || ahead.event.kind() == EventKind.MARK) {
        continue;
      }
      boolean isInTime =
          overlap.mode() == Overlap.Mode.SEED || ahead.nanos - access.nanos <= FAULT_NANOS;
      if (isInTime
          && ahead.event.kind() == EventKind.CONVERT
          && !isBehind(ahead)
          && isDrawn(ahead, 0)) {
        guest.convert(ahead);
        ahead.isDone = true;
        return;
      }
      if (!isInTime) {
        return;
      }
      passedOver.add(ahead);
    }
  }

  /** Whether nothing from this event on can overlap a conversion. */
  private boolean isEnd(Ahead conversion, Ahead ahead) {
    if (isFence(ahead.event.kind())) {
      return true;
    }
    return overlap.mode() == Overlap.Mode.TRACE
        && (ahead.nanos - conversion.nanos > CONVERSION_NANOS
            || ahead.event.kind() == EventKind.CONVERT
            || (isAccess(ahead.event.kind()) && ahead.event.vcpu() == conversion.event.vcpu()));
  }

  private static boolean isAccess(EventKind kind) {
    return switch (kind) {
      case FIRST, TOUCH, ACCEPT -> true;
      case INITIAL, CONVERT, DISCARD, REARM, MARK -> false;
    };
  }

  /** The VMM's own events happen in their turn. */
  private static boolean isFence(EventKind kind) {
    return switch (kind) {
      case INITIAL, DISCARD, REARM -> true;
      case FIRST, TOUCH, ACCEPT, CONVERT, MARK -> false;
    };
  }

  /** Whether an earlier event of its vCPU, or in its 2M regions, is still to come. */
  private boolean isBehind(Ahead ahead) {
    for (Ahead earlier : passedOver) {
      if (earlier.event.vcpu() == ahead.event.vcpu()
          || (earlier.event.gpa() >>> REGION_SHIFT <= (ahead.event.end() - 1) >>> REGION_SHIFT
              && ahead.event.gpa() >>> REGION_SHIFT
                  <= (earlier.event.end() - 1) >>> REGION_SHIFT)) {
        return true;
      }
    }
    return false;
  }

  private boolean isDrawn(Ahead ahead, int place) {
    return overlap.mode() != Overlap.Mode.SEED
        || new SplittableRandom(overlap.seed() * GOLDEN_RATIO + ahead.number * 16 + place)
            .nextBoolean();
  }
}
