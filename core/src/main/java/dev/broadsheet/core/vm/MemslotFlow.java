package dev.broadsheet.core.vm;

import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.host.GuestMemfd;
import dev.broadsheet.core.host.SharedBacking;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.MemslotChange;
import dev.broadsheet.core.memslot.MemslotRequest;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.spte.SpteLayout;
import dev.broadsheet.core.mmu.tdp.AttributeFilter;
import dev.broadsheet.core.mmu.tdp.DirtyLogging;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.ZapReason;
import dev.broadsheet.core.strategy.StartupFill;
import org.jspecify.annotations.Nullable;

/**
 * {@code KVM_SET_USER_MEMORY_REGION2}: carries out what {@link Memslots#plan} allows. {@code
 * slots_lock} is held throughout.
 *
 * <p>A slot that goes is marked invalid first, so that faults retry; then its mappings go: a
 * default machine makes all roots obsolete, one with private memory zaps the slot's leaves. Source:
 * Linux v6.12, virt/kvm/kvm_main.c: kvm_set_memslot(); x86: kvm_arch_flush_shadow_memslot().
 */
final class MemslotFlow {
  private final KernelMemory memory;
  private final Memslots slots;
  private final SlotBackings backings;
  private final DirtyBitmaps dirty;
  private final TdpMmu mmu;
  private final PageAttributeTracker tracker;
  private final StartupFill fill;
  private final VmFaultEnvironment environment;
  private final DirtyLogging logging;
  private final boolean fastZap;
  private final boolean eagerSplit;
  private final ManualProtect manualProtect;
  private long filledPages;

  MemslotFlow(
      KernelMemory memory,
      Memslots slots,
      SlotBackings backings,
      DirtyBitmaps dirty,
      TdpMmu mmu,
      PageAttributeTracker tracker,
      StartupFill fill,
      VmFaultEnvironment environment,
      DirtyLogging logging,
      boolean fastZap,
      boolean eagerSplit,
      ManualProtect manualProtect) {
    this.memory = memory;
    this.slots = slots;
    this.backings = backings;
    this.dirty = dirty;
    this.mmu = mmu;
    this.tracker = tracker;
    this.fill = fill;
    this.environment = environment;
    this.logging = logging;
    this.fastZap = fastZap;
    this.eagerSplit = eagerSplit;
    this.manualProtect = manualProtect;
  }

  /** Returns the pages that start-up fills converted. */
  long filledPages() {
    return filledPages;
  }

  /** Returns 0 or the error number. */
  int set(MemslotRequest request, @Nullable SharedBacking shared, @Nullable GuestMemfd gmem) {
    MemslotChange change = slots.plan(request);
    if (change instanceof MemslotChange.Refused refused) {
      return refused.errno();
    }
    if (change instanceof MemslotChange.Create create) {
      return create(create, request, shared, gmem);
    }
    if (change instanceof MemslotChange.Delete delete) {
      delete(delete.old());
      return 0;
    }
    if (change instanceof MemslotChange.Move move) {
      return move(move);
    }
    if (change instanceof MemslotChange.FlagsOnly flags) {
      changeFlags(flags.old(), flags.flags());
    }
    return 0;
  }

  private int create(
      MemslotChange.Create create,
      MemslotRequest request,
      @Nullable SharedBacking shared,
      @Nullable GuestMemfd gmem) {
    boolean isPrivate = (create.flags() & KvmMemslot.GUEST_MEMFD) != 0;
    if (isPrivate) {
      if (gmem == null) {
        return Errno.EINVAL;
      }
      int errno = gmem.bind(create.slot(), request.gmemOffset());
      if (errno != 0) {
        return errno;
      }
    }
    KvmMemslot slot;
    try {
      slot = new KvmMemslot(memory, create.slot(), create.flags());
    } catch (KernelOutOfMemoryException e) {
      unbind(gmem, create.slot(), isPrivate);
      return Errno.ENOMEM;
    }
    backings.put(
        new SlotBacking(slot, shared, isPrivate ? gmem : null, request.gmemOffset() >>> 12));
    slots.insert(slot);
    try {
      introduce(slot);
    } catch (KernelOutOfMemoryException e) {
      drop(slot);
      unbind(gmem, create.slot(), isPrivate);
      return Errno.ENOMEM;
    }
    if (slot.logsDirtyPages()) {
      dirty.create(slot, manualProtect.isInitiallySet());
    }
    slotsChanged();
    return 0;
  }

  /** Tells the tracker of a slot and fills it; a slot that finds no memory is known to nobody. */
  private void introduce(KvmMemslot slot) {
    tracker.memslotAdded(slot.slot());
    try {
      filledPages += fill.fill(slot.range());
    } catch (KernelOutOfMemoryException e) {
      tracker.memslotRemoved(slot.slot());
      throw e;
    }
  }

  private static void unbind(@Nullable GuestMemfd gmem, Memslot slot, boolean isPrivate) {
    if (isPrivate && gmem != null) {
      gmem.unbind(slot);
    }
  }

  private void drop(KvmMemslot slot) {
    slots.remove(slot);
    backings.remove(slot.id());
    slot.free();
  }

  private void delete(KvmMemslot slot) {
    SlotBacking backing = backings.of(slot);
    slot.setFlags(slot.flags() | KvmMemslot.INVALID);
    synchronizeReaders();
    flushShadow(slot);
    tracker.memslotRemoved(slot.slot());
    slots.remove(slot);
    backings.remove(slot.id());
    dirty.drop(slot.id());
    if (backing.gmem() != null) {
      backing.gmem().unbind(slot.slot());
    }
    freeSlot(slot);
    slotsChanged();
  }

  private void freeSlot(KvmMemslot slot) {
    synchronizeReaders();
    slot.free();
  }

  /** {@code synchronize_srcu()}: whoever looked the slot up has finished with it. */
  private void synchronizeReaders() {
    if (mmu.policy().threads()) {
      mmu.rcu().synchronize();
    }
  }

  private int move(MemslotChange.Move move) {
    KvmMemslot old = move.old();
    SlotBacking backing = backings.of(old);
    KvmMemslot slot;
    try {
      slot = new KvmMemslot(memory, move.slot(), move.flags());
    } catch (KernelOutOfMemoryException e) {
      return Errno.ENOMEM;
    }
    int flagsBefore = old.flags();
    old.setFlags(flagsBefore | KvmMemslot.INVALID);
    synchronizeReaders();
    flushShadow(old);
    if (!slots.fits(slot.range())) {
      old.setFlags(flagsBefore);
      freeSlot(slot);
      return Errno.EINVAL;
    }
    tracker.memslotRemoved(old.slot());
    slots.remove(old);
    backings.put(new SlotBacking(slot, backing.shared(), backing.gmem(), backing.gmemFirst()));
    slots.insert(slot);
    int errno = 0;
    try {
      introduce(slot);
    } catch (KernelOutOfMemoryException e) {
      drop(slot);
      reinstate(old, backing, flagsBefore);
      errno = Errno.ENOMEM;
    }
    freeSlot(old);
    slotsChanged();
    return errno;
  }

  /**
   * Puts a slot back that could not be moved, with words of its own, for the tracker has given up
   * what it knew of the old ones. Memory that does not suffice for that either deletes the slot.
   */
  private void reinstate(KvmMemslot old, SlotBacking backing, int flags) {
    KvmMemslot slot;
    try {
      slot = new KvmMemslot(memory, old.slot(), flags);
    } catch (KernelOutOfMemoryException e) {
      dirty.drop(old.id());
      return;
    }
    backings.put(new SlotBacking(slot, backing.shared(), backing.gmem(), backing.gmemFirst()));
    slots.insert(slot);
    try {
      introduce(slot);
    } catch (KernelOutOfMemoryException e) {
      drop(slot);
      dirty.drop(old.id());
    }
  }

  /**
   * A new generation of memslots: MMIO entries of older ones are stale. When the generation that
   * they can hold wraps, old ones would look current again, so everything goes ({@code
   * kvm_mmu_invalidate_mmio_sptes()}).
   */
  private void slotsChanged() {
    long generation = environment.slotsChanged();
    long period = SpteLayout.mmioGenerationPeriod(mmu.direct().keep());
    if (generation % period == 0) {
      zapAllFast();
    }
  }

  private void flushShadow(KvmMemslot slot) {
    if (fastZap) {
      zapAllFast();
      return;
    }
    mmu.lock().lockWrite();
    try {
      if (mmu.leafZap().zapLeafs(AttributeFilter.BOTH, slot.start(), slot.end(), ZapReason.SLOT)) {
        mmu.flushRemoteTlbs();
      }
    } finally {
      mmu.lock().unlockWrite();
    }
  }

  /** {@code kvm_mmu_zap_all_fast()}: front half under the lock for write, back half for read. */
  void zapAllFast() {
    mmu.lock().lockWrite();
    MmuListener listener = mmu.listener();
    if (listener != null) {
      listener.zapAllFast();
    }
    mmu.roots().invalidateDirect();
    mmu.lock().unlockWrite();
    mmu.lock().lockRead();
    try {
      mmu.roots().zapInvalidated(/* shared= */ true);
    } finally {
      mmu.lock().unlockRead();
    }
  }

  private void changeFlags(KvmMemslot slot, int flags) {
    boolean logged = slot.logsDirtyPages();
    slot.setFlags(flags);
    slotsChanged();
    if (logged == slot.logsDirtyPages()) {
      return;
    }
    if (logged) {
      dirty.drop(slot.id());
    } else {
      dirty.create(slot, manualProtect.isInitiallySet());
    }
    if (slot.isReadOnly()) {
      return; // never written: nothing to protect, and its small pages stay
    }
    if (logged) {
      logging.recoverHugePages(slot);
      return;
    }
    if (manualProtect.isInitiallySet()) {
      // Every page counts as dirty, so nothing needs protection before user space clears.
      return;
    }
    if (eagerSplit) {
      logging.splitHugePages(slot.start(), slot.end());
    }
    logging.writeProtect(slot);
  }
}
