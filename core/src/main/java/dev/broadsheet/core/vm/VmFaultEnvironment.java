package dev.broadsheet.core.vm;

import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.host.GuestMemfd;
import dev.broadsheet.core.host.HostPage;
import dev.broadsheet.core.host.SharedBacking;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.mmu.fault.FaultEnvironment;
import dev.broadsheet.core.strategy.StartupFill;
import org.jspecify.annotations.Nullable;

/** Answers the fault path's questions from memslots and host memory. */
final class VmFaultEnvironment implements FaultEnvironment {
  private static final long NO_PAGE = -Errno.EFAULT;

  private final Memslots slots;
  private final SlotBackings backings;
  private final DirtyBitmaps dirty;
  private final PageAttributeTracker tracker;
  private final StartupFill fill;
  private final boolean fillNeeded;
  private final boolean hasPrivateMemory;
  private final PrivateLevels privateLevels;
  private volatile long generation;
  private Runnable pageHook = () -> {};

  /** What the vendor says of private pages. */
  interface PrivateLevels {
    /** Returns the largest level for a private gfn, 1 to 3. */
    int max(long gfn);
  }

  VmFaultEnvironment(
      Memslots slots,
      SlotBackings backings,
      DirtyBitmaps dirty,
      PageAttributeTracker tracker,
      StartupFill fill,
      boolean hasPrivateMemory,
      PrivateLevels privateLevels) {
    this.slots = slots;
    this.backings = backings;
    this.dirty = dirty;
    this.tracker = tracker;
    this.fill = fill;
    this.fillNeeded = fill.isNeeded();
    this.hasPrivateMemory = hasPrivateMemory;
    this.privateLevels = privateLevels;
  }

  /** Sets who may run while a fault looks for its page. */
  void setPageHook(Runnable hook) {
    pageHook = hook;
  }

  @Override
  public @Nullable KvmMemslot slot(long gfn) {
    return slots.find(gfn);
  }

  @Override
  public int attributes(long gfn) {
    // Slots are filled when they come; only where none is may the tracker not know better.
    return fillNeeded && slots.find(gfn) == null ? fill.attributes(gfn) : tracker.attributes(gfn);
  }

  @Override
  public boolean hasPrivateMemory() {
    return hasPrivateMemory;
  }

  @Override
  public long privatePage(KvmMemslot slot, long gfn) {
    SlotBacking backing = backings.find(slot.id());
    GuestMemfd gmem = backing == null ? null : backing.gmem();
    long page = gmem == null || backing == null ? NO_PAGE : gmem.get(backing.gmemIndex(gfn));
    pageHook.run();
    return page;
  }

  @Override
  public long sharedPage(KvmMemslot slot, long gfn, boolean write) {
    SlotBacking backing = backings.find(slot.id());
    SharedBacking shared = backing == null ? null : backing.shared();
    if (shared == null || backing == null) {
      return NO_PAGE;
    }
    long page = shared.get(backing.sharedIndex(gfn), write);
    pageHook.run();
    return HostPage.isError(page) ? NO_PAGE : page;
  }

  @Override
  public int maxPrivateLevel(long gfn) {
    return privateLevels.max(gfn);
  }

  @Override
  public void markDirty(KvmMemslot slot, long gfn) {
    dirty.mark(slot, gfn);
  }

  @Override
  public long slotsGeneration() {
    return generation;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time: slots_lock is held
  long slotsChanged() {
    long next = generation + 1;
    generation = next;
    return next;
  }
}
