package dev.broadsheet.core.tdx;

import dev.broadsheet.core.memory.StripedCounts;
import org.jspecify.annotations.Nullable;

/**
 * How often each function answered each status. Exact from one thread, and from many if it was
 * created for many.
 */
public final class SeamcallCounters {
  private static final int STATUSES = TdxStatus.values().length;
  private static final int HOST = SeamcallLeaf.values().length;

  /** Counts at {@code leaf * STATUSES + status}: host functions first, then the guest's. */
  private static final int CELLS = (HOST + TdcallLeaf.values().length) * STATUSES;

  /** Where one thread counts. */
  private final long[] counts;

  /** Where many threads count; null for one. */
  private final @Nullable StripedCounts stripes;

  SeamcallCounters(boolean threads) {
    counts = new long[threads ? 0 : CELLS];
    stripes = threads ? new StripedCounts(CELLS) : null;
  }

  void count(SeamcallLeaf leaf, long rax) {
    count(leaf.index(), rax);
  }

  void count(TdcallLeaf leaf, long rax) {
    count(HOST + leaf.index(), rax);
  }

  private void count(int function, long rax) {
    TdxStatus status = TdxStatus.of(rax);
    if (status == null) {
      throw new IllegalStateException(String.format("0x%016x is no status", rax));
    }
    int cell = function * STATUSES + status.index();
    if (stripes == null) {
      counts[cell]++;
    } else {
      stripes.add(cell, 1);
    }
  }

  private long count(int cell) {
    return stripes == null ? counts[cell] : stripes.sum(cell);
  }

  /** Returns how often a host's function answered a status. */
  public long of(SeamcallLeaf leaf, TdxStatus status) {
    return count(leaf.index() * STATUSES + status.index());
  }

  /** Returns how often a guest's function answered a status. */
  public long of(TdcallLeaf leaf, TdxStatus status) {
    return count((HOST + leaf.index()) * STATUSES + status.index());
  }

  /** Returns how often a host's function was called. */
  public long of(SeamcallLeaf leaf) {
    return sum(leaf.index() * STATUSES, STATUSES);
  }

  /** Returns how often a guest's function was called. */
  public long of(TdcallLeaf leaf) {
    return sum((HOST + leaf.index()) * STATUSES, STATUSES);
  }

  /** Returns the number of all SEAMCALLs of known functions. */
  public long seamcalls() {
    return sum(0, HOST * STATUSES);
  }

  private long sum(int from, int length) {
    long sum = 0;
    for (int i = from; i < from + length; i++) {
      sum += count(i);
    }
    return sum;
  }

  /** Receives one count that is not zero. */
  public interface Visitor {
    /** A function, named with dots, answered {@code status} {@code count} times. */
    void count(String leafName, TdxStatus status, long count);
  }

  /** Shows all counts that are not zero, in the order of functions and statuses. */
  public void visit(Visitor visitor) {
    String[] names = names();
    for (int function = 0; function < names.length; function++) {
      for (TdxStatus status : TdxStatus.values()) {
        long count = count(function * STATUSES + status.index());
        if (count != 0) {
          visitor.count(names[function], status, count);
        }
      }
    }
  }

  private static String[] names() {
    String[] names = new String[HOST + TdcallLeaf.values().length];
    for (SeamcallLeaf leaf : SeamcallLeaf.values()) {
      names[leaf.index()] = leaf.leafName();
    }
    for (TdcallLeaf leaf : TdcallLeaf.values()) {
      names[HOST + leaf.index()] = leaf.leafName();
    }
    return names;
  }
}
