package dev.broadsheet.core.vm;

import dev.broadsheet.core.host.HostListener;
import dev.broadsheet.core.host.SharedBacking;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.memslot.SlotTable;
import dev.broadsheet.core.mmu.tdp.AttributeFilter;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.ZapReason;
import org.jspecify.annotations.Nullable;

/**
 * The MMU notifier of one user mapping: what the host takes away of it is zapped from the shared
 * side of every slot over it. Where private and shared have one tree, private mappings of those
 * gfns go too, as in Linux 6.12.
 *
 * <p>Where no slot is concerned, nothing is locked and no invalidation begins.
 */
public final class HostNotifier implements HostListener {
  /** Told what was called, for logs. */
  public interface Watcher {
    /** The host's memory manager told about user pages. */
    void unmapHva(long start, long end);
  }

  private final TdpMmu mmu;
  private final Memslots slots;
  private final SlotBackings backings;
  private final SharedBacking mapping;
  private @Nullable Watcher watcher;

  HostNotifier(TdpMmu mmu, Memslots slots, SlotBackings backings, SharedBacking mapping) {
    this.mmu = mmu;
    this.slots = slots;
    this.backings = backings;
    this.mapping = mapping;
  }

  void watch(@Nullable Watcher told) {
    this.watcher = told;
  }

  @Override
  public void invalidateStart(long start, long end) {
    if (watcher != null) {
      watcher.unmapHva(start, end);
    }
    SlotTable table = slots.table();
    boolean locked = false;
    boolean flush = false;
    for (int i = 0; i < table.size(); i++) {
      KvmMemslot slot = table.at(i);
      long from = firstGfn(slot, start);
      long to = endGfn(slot, end);
      if (from >= to) {
        continue;
      }
      if (!locked) {
        mmu.lock().lockWrite();
        mmu.invalidation().begin();
        locked = true;
      }
      mmu.invalidation().add(from, to);
      flush |= mmu.leafZap().zapLeafs(AttributeFilter.SHARED, from, to, ZapReason.NOTIFIER);
    }
    if (locked) {
      if (flush) {
        mmu.flushRemoteTlbs();
      }
      mmu.lock().unlockWrite();
    }
  }

  @Override
  public void invalidateEnd(long start, long end) {
    SlotTable table = slots.table();
    for (int i = 0; i < table.size(); i++) {
      KvmMemslot slot = table.at(i);
      if (firstGfn(slot, start) < endGfn(slot, end)) {
        mmu.lock().lockWrite();
        mmu.invalidation().end();
        mmu.lock().unlockWrite();
        return;
      }
    }
  }

  boolean isOf(SharedBacking other) {
    return mapping == other;
  }

  private boolean isMine(KvmMemslot slot) {
    SlotBacking backing = backings.find(slot.id());
    return backing != null && backing.shared() == mapping;
  }

  private long firstGfn(KvmMemslot slot, long start) {
    if (!isMine(slot)) {
      return Long.MAX_VALUE;
    }
    long user = slot.slot().userGfn();
    return slot.start() + Math.max(0, start - user);
  }

  private long endGfn(KvmMemslot slot, long end) {
    if (!isMine(slot)) {
      return Long.MIN_VALUE;
    }
    long user = slot.slot().userGfn();
    return slot.start() + Math.min(slot.range().pages(), end - user);
  }
}
