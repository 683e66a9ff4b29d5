package dev.broadsheet.core.tdx;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Failures on demand: any function can be told to answer a status, or to be interrupted, at its
 * n-th call from now on; and a seeded schedule interrupts the restartable ones.
 *
 * <p>An interrupt meets DEMOTE, PROMOTE and CACHE.WB at the place where the real module looks for
 * one, after their checks; every other function of the host answers {@code
 * TDX_INTERRUPTED_RESTARTABLE} before it has done anything, and a function of the guest is executed
 * again. Safe for use from many threads.
 */
public final class FaultInjection {
  private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

  /** One failure that waits for its call. */
  private static final class Rule {
    final AtomicLong callsLeft;
    final long status;

    Rule(long nth, long status) {
      if (nth < 1) {
        throw new IllegalArgumentException("call number " + nth + "; the next call is number 1");
      }
      this.callsLeft = new AtomicLong(nth);
      this.status = status;
    }
  }

  private static final long INTERRUPT = TdxStatus.TDX_INTERRUPTED_RESTARTABLE.value();

  private final List<List<Rule>> host = rules(SeamcallLeaf.values().length);
  private final List<List<Rule>> guest = rules(TdcallLeaf.values().length);
  private final AtomicLong random = new AtomicLong();
  private volatile boolean armed;
  private volatile int interruptOneIn;

  /** Creates an injection that does nothing until it is told to. */
  public FaultInjection() {}

  /** Lets the n-th call of a function from now on answer that an operand is busy. */
  public void busy(SeamcallLeaf leaf, long nth, OperandId operand) {
    status(leaf, nth, TdxStatus.TDX_OPERAND_BUSY.with(operand));
  }

  /** Lets the n-th call of a function from now on answer {@code rax} and do nothing. */
  public void status(SeamcallLeaf leaf, long nth, long rax) {
    host.get(leaf.index()).add(new Rule(nth, rax));
    armed = true;
  }

  /** Lets the n-th call of a function from now on be interrupted. */
  public void interrupt(SeamcallLeaf leaf, long nth) {
    status(leaf, nth, INTERRUPT);
  }

  /** Lets the n-th call of a guest's function from now on answer that RCX is busy. */
  public void busy(TdcallLeaf leaf, long nth) {
    guest.get(leaf.index()).add(new Rule(nth, TdxStatus.TDX_OPERAND_BUSY.with(OperandId.RCX)));
    armed = true;
  }

  /** Lets the n-th call of a guest's function from now on be interrupted. */
  public void interrupt(TdcallLeaf leaf, long nth) {
    guest.get(leaf.index()).add(new Rule(nth, INTERRUPT));
    armed = true;
  }

  /**
   * Sets the schedule of interrupts for what the real module makes interruptible: DEMOTE, PROMOTE,
   * CACHE.WB and the pieces of a 2M ACCEPT.
   *
   * @param seed same seed, same interrupts, for one thread
   * @param oneIn an interrupt waits at one in so many looks; 0 is never
   */
  public void schedule(long seed, int oneIn) {
    if (oneIn < 0) {
      throw new IllegalArgumentException("one in " + oneIn + "; 0 is never, 1 is always");
    }
    random.set(seed);
    interruptOneIn = oneIn;
  }

  /** Returns whether the schedule has an interrupt waiting now. */
  public boolean interruptWaits() {
    int oneIn = interruptOneIn;
    if (oneIn == 0) {
      return false;
    }
    long z = random.addAndGet(GOLDEN);
    z = (z ^ (z >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
    return Long.remainderUnsigned(z ^ (z >>> 31), oneIn) == 0;
  }

  /** Returns the status that this call of a host's function must answer, or 0. */
  long next(SeamcallLeaf leaf) {
    return armed ? next(host.get(leaf.index())) : 0;
  }

  /** Returns the status that this call of a guest's function must answer, or 0. */
  long next(TdcallLeaf leaf) {
    return armed ? next(guest.get(leaf.index())) : 0;
  }

  private static long next(List<Rule> rules) {
    long status = 0;
    for (Rule rule : rules) {
      if (rule.callsLeft.decrementAndGet() == 0) {
        status = rule.status; // its count only falls from here on, so it never fires again
      }
    }
    return status;
  }

  private static List<List<Rule>> rules(int functions) {
    List<List<Rule>> lists = new java.util.ArrayList<>();
    for (int i = 0; i < functions; i++) {
      lists.add(new CopyOnWriteArrayList<>());
    }
    return List.copyOf(lists);
  }
}
