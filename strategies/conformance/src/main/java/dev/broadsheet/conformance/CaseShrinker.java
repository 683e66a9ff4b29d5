package dev.broadsheet.conformance;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Finds a smaller case that still fails: fewer operations first, then smaller ranges. */
final class CaseShrinker {
  /** Runs at most this many candidates; a failure is worth a second, not a minute. */
  private static final int MOST_TRIES = 400;

  private final Predicate<OperationCase> fails;
  private int tries;

  private CaseShrinker(Predicate<OperationCase> fails) {
    this.fails = fails;
  }

  /** Returns the smallest case found; the given one fails. */
  static OperationCase shrink(OperationCase failing, Predicate<OperationCase> fails) {
    CaseShrinker shrinker = new CaseShrinker(fails);
    OperationCase smallest = failing;
    boolean smaller = true;
    while (smaller && shrinker.tries < MOST_TRIES) {
      OperationCase before = smallest;
      smallest = shrinker.dropOperations(smallest);
      smallest = shrinker.shrinkRanges(smallest);
      smaller = !smallest.equals(before);
    }
    return smallest;
  }

  private OperationCase dropOperations(OperationCase failing) {
    OperationCase smallest = failing;
    for (int chunk = failing.operations().size() / 2; chunk >= 1; chunk /= 2) {
      int at = smallest.operations().size() - chunk;
      while (at >= 0) {
        List<Operation> fewer = new ArrayList<>(smallest.operations());
        fewer.subList(at, Math.min(at + chunk, fewer.size())).clear();
        OperationCase candidate = smallest.with(fewer);
        if (stillFails(candidate)) {
          smallest = candidate;
        }
        at -= chunk;
      }
    }
    return smallest;
  }

  private OperationCase shrinkRanges(OperationCase failing) {
    OperationCase smallest = failing;
    for (int i = 0; i < smallest.operations().size(); i++) {
      GfnRange range = smallest.operations().get(i).range();
      if (range == null) {
        continue;
      }
      for (GfnRange candidate : smaller(range)) {
        List<Operation> changed = new ArrayList<>(smallest.operations());
        changed.set(i, changed.get(i).over(candidate));
        OperationCase shrunken = smallest.with(changed);
        if (stillFails(shrunken)) {
          smallest = shrunken;
          break;
        }
      }
    }
    return smallest;
  }

  private static List<GfnRange> smaller(GfnRange range) {
    List<GfnRange> candidates = new ArrayList<>();
    long start = range.start();
    long end = range.end();
    if (range.pages() > 1) {
      candidates.add(new GfnRange(start, start + 1));
      candidates.add(new GfnRange(end - 1, end));
      long half = start + range.pages() / 2;
      candidates.add(new GfnRange(start, half));
      candidates.add(new GfnRange(half, end));
      GfnRange block = PageLevel.PG_LEVEL_2M.block(start);
      if (range.contains(block) && !range.equals(block)) {
        candidates.add(block);
      }
    }
    return candidates;
  }

  private boolean stillFails(OperationCase candidate) {
    return ++tries <= MOST_TRIES && fails.test(candidate);
  }
}
