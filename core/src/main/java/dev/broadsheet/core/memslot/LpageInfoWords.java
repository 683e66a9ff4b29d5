package dev.broadsheet.core.memslot;

import dev.broadsheet.api.LpageInfo;
import dev.broadsheet.api.PageLevel;
import org.jspecify.annotations.Nullable;

/**
 * The large-page words of all memslots of a virtual machine, as trackers see them. Holds no state
 * of its own; each call looks the slot up and touches one word of {@link SlotLpageInfo}.
 *
 * <p>Reads are safe from any thread; changes are serialized by {@code slots_lock}.
 */
public final class LpageInfoWords implements LpageInfo {
  private final Memslots slots;

  /** Creates the view of the slots' words. */
  public LpageInfoWords(Memslots slots) {
    this.slots = slots;
  }

  @Override
  public boolean covers(long gfn, PageLevel level) {
    checkLevel(level);
    KvmMemslot slot = slots.find(gfn);
    return slot != null && slot.holdsBlock(gfn, level);
  }

  @Override
  public boolean isAllowed(long gfn, PageLevel level) {
    checkLevel(level);
    KvmMemslot slot = slots.find(gfn);
    return slot != null && slot.lpageInfo().isAllowed(gfn, level);
  }

  @Override
  public void addReason(long gfn, PageLevel level) {
    whole(gfn, level).addOwnReason(gfn, level);
  }

  @Override
  public void removeReason(long gfn, PageLevel level) {
    whole(gfn, level).removeOwnReason(gfn, level);
  }

  @Override
  public void setMixed(long gfn, PageLevel level) {
    whole(gfn, level).setMixed(gfn, level);
  }

  @Override
  public void clearMixed(long gfn, PageLevel level) {
    whole(gfn, level).clearMixed(gfn, level);
  }

  @Override
  public boolean isMixed(long gfn, PageLevel level) {
    checkLevel(level);
    KvmMemslot slot = slots.find(gfn);
    return slot != null && slot.lpageInfo().isMixed(gfn, level);
  }

  @Override
  public long firstMixed(long gfn, long end, PageLevel level) {
    checkLevel(level);
    KvmMemslot slot = slots.find(gfn);
    return slot == null || end > slot.range().end()
        ? LpageInfo.super.firstMixed(gfn, end, level)
        : slot.lpageInfo().firstMixed(gfn, end, level);
  }

  private SlotLpageInfo whole(long gfn, PageLevel level) {
    checkLevel(level);
    KvmMemslot slot = slots.find(gfn);
    if (slot == null || !slot.holdsBlock(gfn, level)) {
      throw notInside(gfn, level, slot);
    }
    return slot.lpageInfo();
  }

  private static IllegalArgumentException notInside(
      long gfn, PageLevel level, @Nullable KvmMemslot slot) {
    String where =
        slot == null ? "there is no memslot at 0x%x".formatted(gfn) : "it leaves " + slot;
    return new IllegalArgumentException(
        "the %s block %s is not the tracker's to change: %s (R7); ask covers() first"
            .formatted(level.label(), level.block(gfn), where));
  }

  private static void checkLevel(PageLevel level) {
    if (level != PageLevel.PG_LEVEL_2M && level != PageLevel.PG_LEVEL_1G) {
      throw new IllegalArgumentException("no large-page words for " + level + "; give 2M or 1G");
    }
  }
}
