package dev.broadsheet.conformance;

import dev.broadsheet.api.LpageInfo;
import dev.broadsheet.api.PageLevel;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Large-page words that note the first breach of R7. A forbidden change is left out, so that other
 * rules can still be judged.
 */
final class WatchedLpageInfo implements LpageInfo {
  private record Block(long gfn, PageLevel level) {}

  private final LpageInfo inner;
  private final Map<Block, Integer> reasons = new HashMap<>();
  private Optional<String> breach = Optional.empty();

  WatchedLpageInfo(LpageInfo inner) {
    this.inner = inner;
  }

  /** Returns the first breach in words. */
  Optional<String> breach() {
    return breach;
  }

  /** Forgets the reasons of blocks that are going with their slot. */
  void forget(long start, long end) {
    reasons.keySet().removeIf(block -> block.gfn() >= start && block.gfn() < end);
  }

  @Override
  public boolean covers(long gfn, PageLevel level) {
    return inner.covers(gfn, level);
  }

  @Override
  public boolean isAllowed(long gfn, PageLevel level) {
    return inner.isAllowed(gfn, level);
  }

  @Override
  public void addReason(long gfn, PageLevel level) {
    if (mayChange("addReason", gfn, level)) {
      reasons.merge(block(gfn, level), 1, Integer::sum);
      inner.addReason(gfn, level);
    }
  }

  @Override
  public void removeReason(long gfn, PageLevel level) {
    if (!mayChange("removeReason", gfn, level)) {
      return;
    }
    Block block = block(gfn, level);
    if (reasons.getOrDefault(block, 0) == 0) {
      note("removeReason(0x%x, %s): no reason of its own is there".formatted(gfn, level.label()));
      return;
    }
    reasons.merge(block, -1, Integer::sum);
    inner.removeReason(gfn, level);
  }

  @Override
  public void setMixed(long gfn, PageLevel level) {
    if (mayChange("setMixed", gfn, level)) {
      inner.setMixed(gfn, level);
    }
  }

  @Override
  public void clearMixed(long gfn, PageLevel level) {
    if (mayChange("clearMixed", gfn, level)) {
      inner.clearMixed(gfn, level);
    }
  }

  @Override
  public boolean isMixed(long gfn, PageLevel level) {
    return inner.isMixed(gfn, level);
  }

  private boolean mayChange(String call, long gfn, PageLevel level) {
    if (inner.covers(gfn, level)) {
      return true;
    }
    note(
        "%s(0x%x, %s): the block %s is not wholly inside one memslot"
            .formatted(call, gfn, level.label(), level.block(gfn)));
    return false;
  }

  private void note(String found) {
    if (breach.isEmpty()) {
      breach = Optional.of(found);
    }
  }

  private static Block block(long gfn, PageLevel level) {
    return new Block(level.roundDown(gfn), level);
  }
}
