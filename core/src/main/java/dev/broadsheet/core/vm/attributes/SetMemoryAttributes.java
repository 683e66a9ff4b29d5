package dev.broadsheet.core.vm.attributes;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.Plan;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.memslot.SlotTable;

/**
 * The flow of {@code KVM_SET_MEMORY_ATTRIBUTES} over one tracker and one MMU.
 *
 * <ol>
 *   <li>{@code slots_lock}; the tracker prepares. What already holds ends here.
 *   <li>{@code mmu_lock} for write: the invalidation begins with the planned range, clipped to each
 *       slot, and with those blocks at its edges that are not mixed yet, for a fault on an
 *       unchanged page of such a block could map it large. Leaves across the edges are split if the
 *       machine's policy says so; the losing side is unmapped slot by slot, ascending; TLBs are
 *       flushed.
 *   <li>{@code mmu_lock} free: the tracker stores, in steps.
 *   <li>{@code mmu_lock} for write: the invalidation ends, then the tracker publishes. No fault
 *       comes between, as the lock is held.
 * </ol>
 *
 * <p>Where no slot overlaps the range there is no invalidation. If there is no memory for
 * splitting, the conversion is cancelled before anything was zapped.
 *
 * <p>Safe for use from many threads: {@code slots_lock} is held throughout.
 */
public final class SetMemoryAttributes {
  private static final int PAGE_SHIFT = 12;
  private static final long PAGE_MASK = (1L << PAGE_SHIFT) - 1;

  private final PageAttributeTracker tracker;
  private final Memslots slots;
  private final KernelLock slotsLock;
  private final ConversionMmu mmu;
  private final int supported;
  private volatile YieldHook hook = YieldHook.NONE;

  /**
   * Joins the parts.
   *
   * @param supported attribute bits that the virtual machine takes: none for one without private
   *     memory
   */
  public SetMemoryAttributes(
      PageAttributeTracker tracker,
      Memslots slots,
      KernelLock slotsLock,
      ConversionMmu mmu,
      int supported) {
    this.tracker = tracker;
    this.slots = slots;
    this.slotsLock = slotsLock;
    this.mmu = mmu;
    this.supported = supported;
  }

  /** Replaces who may run while a conversion is under way. */
  public void setYieldHook(YieldHook hook) {
    this.hook = hook;
  }

  /**
   * Checks the arguments as the kernel does and converts.
   *
   * @param address guest physical address in bytes
   * @param size in bytes
   * @param attributes the bits that every page shall have
   * @param flags must be 0
   * @return EINVAL for arguments that the kernel refuses; else as {@link #convert}
   */
  public AttributesAnswer ioctl(long address, long size, long attributes, long flags) {
    if (flags != 0) {
      return AttributesAnswer.refused(Errno.EINVAL, "flags must be 0");
    }
    if ((attributes & ~(long) supported) != 0) {
      return AttributesAnswer.refused(
          Errno.EINVAL,
          "attributes 0x%x; this machine takes 0x%x".formatted(attributes, supported));
    }
    if (size == 0 || Long.compareUnsigned(address + size, address) < 0) {
      return AttributesAnswer.refused(Errno.EINVAL, "the range is empty or wraps");
    }
    if (((address | size) & PAGE_MASK) != 0) {
      return AttributesAnswer.refused(Errno.EINVAL, "address and size must be multiples of 4096");
    }
    return convert(
        new GfnRange(address >>> PAGE_SHIFT, (address + size) >>> PAGE_SHIFT), (int) attributes);
  }

  /**
   * Gives every page of the range the attributes.
   *
   * @return what changed; ENOMEM if memory ran dry, EINVAL if the tracker refuses the attributes or
   *     the range
   */
  public AttributesAnswer convert(GfnRange range, int attributes) {
    slotsLock.lock();
    try {
      return convertLocked(range, attributes);
    } finally {
      slotsLock.unlock();
    }
  }

  private AttributesAnswer convertLocked(GfnRange range, int attributes) {
    Conversion conversion;
    try {
      conversion = tracker.prepare(range, attributes);
    } catch (KernelOutOfMemoryException e) {
      return AttributesAnswer.refused(Errno.ENOMEM, String.valueOf(e.getMessage()));
    }
    Plan plan = conversion.plan();
    if (plan instanceof Plan.Rejected rejected) {
      int errno =
          switch (rejected.reason()) {
            case UNSUPPORTED_ATTRIBUTES, OUT_OF_REACH -> Errno.EINVAL;
            case OUT_OF_MEMORY -> Errno.ENOMEM;
          };
      return AttributesAnswer.refused(errno, rejected.detail());
    }
    return plan instanceof Plan.Ready ready
        ? carryOut(conversion, ready.range(), range, attributes)
        : AttributesAnswer.UNCHANGED;
  }

  private AttributesAnswer carryOut(
      Conversion conversion, GfnRange planned, GfnRange asked, int attributes) {
    SlotTable table = slots.table();
    int first = table.firstEndingAfter(planned.start());
    boolean overlaps = first < table.size() && table.at(first).start() < planned.end();
    if (overlaps) {
      try {
        invalidate(table, first, planned, losing(attributes));
      } catch (KernelOutOfMemoryException e) {
        conversion.cancel();
        return AttributesAnswer.refused(Errno.ENOMEM, String.valueOf(e.getMessage()));
      }
    }
    store(conversion, planned);
    mmu.lockForWrite();
    try {
      if (overlaps) {
        mmu.invalidateEnd();
      }
      conversion.publish();
    } finally {
      mmu.unlock();
    }
    return planned.end() == asked.end()
        ? AttributesAnswer.converted(planned)
        : AttributesAnswer.prefix(planned, asked);
  }

  private static int losing(int attributes) {
    return PageAttributes.isPrivate(attributes) ? PageAttributes.SHARED : PageAttributes.PRIVATE;
  }

  private void invalidate(SlotTable table, int first, GfnRange planned, int losing) {
    mmu.lockForWrite();
    try {
      mmu.invalidateBegin();
      addRanges(table, first, planned);
      try {
        splitCrossing(table, first, planned, losing);
      } catch (KernelOutOfMemoryException e) {
        mmu.invalidateEnd();
        throw e;
      }
      unmap(table, first, planned, losing);
    } finally {
      mmu.unlock();
    }
  }

  private void addRanges(SlotTable table, int first, GfnRange planned) {
    for (int i = first; i < table.size() && table.at(i).start() < planned.end(); i++) {
      KvmMemslot slot = table.at(i);
      long start = Math.max(slot.start(), planned.start());
      long end = Math.min(slot.end(), planned.end());
      mmu.invalidateRangeAdd(start, end);
      addGuards(slot, start, end, PageLevel.PG_LEVEL_2M);
      addGuards(slot, start, end, PageLevel.PG_LEVEL_1G);
    }
  }

  private void addGuards(KvmMemslot slot, long start, long end, PageLevel level) {
    long head = level.roundDown(start);
    long tail = level.roundDown(end - 1);
    if (head != start || head + level.pages() > end) {
      addGuard(slot, head, level);
    }
    if (tail != head && tail + level.pages() > end) {
      addGuard(slot, tail, level);
    }
  }

  private void addGuard(KvmMemslot slot, long block, PageLevel level) {
    if (slot.holdsBlock(block, level) && tracker.type(block, level) != PageType.MIXED) {
      mmu.invalidateRangeAdd(block, block + level.pages());
    }
  }

  private void splitCrossing(SlotTable table, int first, GfnRange planned, int losing) {
    for (int i = first; i < table.size() && table.at(i).start() < planned.end(); i++) {
      KvmMemslot slot = table.at(i);
      long start = Math.max(slot.start(), planned.start());
      mmu.splitCrossing(slot, start, Math.min(slot.end(), planned.end()), losing);
    }
  }

  private void unmap(SlotTable table, int first, GfnRange planned, int losing) {
    boolean flush = false;
    for (int i = first; i < table.size() && table.at(i).start() < planned.end(); i++) {
      KvmMemslot slot = table.at(i);
      long start = Math.max(slot.start(), planned.start());
      flush |= mmu.unmap(slot, start, Math.min(slot.end(), planned.end()), losing);
    }
    if (flush) {
      mmu.flush();
    }
  }

  private void store(Conversion conversion, GfnRange planned) {
    YieldHook others = hook;
    others.letRun(YieldHook.Phase.INVALIDATED, planned.start());
    long next = planned.start();
    while (true) {
      next = conversion.store(next);
      if (next >= planned.end()) {
        break;
      }
      others.letRun(YieldHook.Phase.STORING, next);
    }
    others.letRun(YieldHook.Phase.STORED, planned.end());
  }
}
