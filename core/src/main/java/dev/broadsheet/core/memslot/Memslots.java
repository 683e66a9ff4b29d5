package dev.broadsheet.core.memslot;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.core.host.Errno;
import org.jspecify.annotations.Nullable;

/**
 * The memslots of one virtual machine.
 *
 * <p>{@link #plan} judges a request as {@code KVM_SET_USER_MEMORY_REGION2} does, with the same
 * checks in the same order, and changes nothing; whoever carries the change out calls {@link
 * #insert} and {@link #remove}. Both publish a new {@link SlotTable}; readers keep the one they
 * loaded.
 *
 * <p>Look-ups are safe from any thread and allocate nothing; {@link #plan}, {@link #insert} and
 * {@link #remove} are serialized by {@code slots_lock}.
 *
 * <p>Source: Linux v6.12, virt/kvm/kvm_main.c: __kvm_set_memory_region().
 */
public final class Memslots {
  /** Numbers of user slots are below this: {@code KVM_USER_MEM_SLOTS}. */
  public static final int USER_SLOTS = 32764;

  /** Most pages of a slot: {@code KVM_MEM_MAX_NR_PAGES}. */
  public static final long MAX_PAGES = (1L << 31) - 1;

  private static final int PAGE_SHIFT = 12;
  private static final long PAGE_MASK = (1L << PAGE_SHIFT) - 1;

  private final long gfnLimit;
  private final boolean privateMemory;
  private volatile SlotTable table = SlotTable.EMPTY;

  /**
   * Creates an empty registry.
   *
   * @param geometry slots end at or below its gfn limit
   * @param privateMemory whether the machine knows private memory, so that slots may have a
   *     guest_memfd
   */
  public Memslots(Geometry geometry, boolean privateMemory) {
    this.gfnLimit = geometry.gfnLimit();
    this.privateMemory = privateMemory;
  }

  /** Returns the slots as they are now. */
  public SlotTable table() {
    return table;
  }

  /** Returns the slot that holds {@code gfn}, or null. */
  public @Nullable KvmMemslot find(long gfn) {
    return table.find(gfn);
  }

  /** Returns the slot with a number, or null. */
  public @Nullable KvmMemslot byId(int id) {
    return table.byId(id);
  }

  /** Judges a request; changes nothing. */
  public MemslotChange plan(MemslotRequest request) {
    if (!flagsAllowed(request.flags()) || !isSane(request)) {
      return new MemslotChange.Refused(Errno.EINVAL);
    }
    KvmMemslot old = byId(request.id());
    if (request.size() == 0) {
      return old == null ? new MemslotChange.Refused(Errno.EINVAL) : new MemslotChange.Delete(old);
    }
    long start = request.gpa() >>> PAGE_SHIFT;
    Memslot wanted =
        new Memslot(
            request.id(),
            GfnRange.ofPages(start, request.size() >>> PAGE_SHIFT),
            request.hva() >>> PAGE_SHIFT);
    return old == null
        ? place(new MemslotChange.Create(wanted, request.flags()), null, wanted.range())
        : planModification(old, wanted, request.flags());
  }

  private MemslotChange planModification(KvmMemslot old, Memslot wanted, int flags) {
    boolean immutable = old.canBePrivate() || (flags & KvmMemslot.GUEST_MEMFD) != 0;
    if (immutable
        || wanted.userGfn() != old.slot().userGfn()
        || wanted.range().pages() != old.range().pages()
        || ((flags ^ old.flags()) & KvmMemslot.READONLY) != 0) {
      return new MemslotChange.Refused(Errno.EINVAL);
    }
    if (wanted.range().start() != old.start()) {
      return place(new MemslotChange.Move(old, wanted, flags), old, wanted.range());
    }
    return flags == old.flags()
        ? new MemslotChange.Nothing()
        : new MemslotChange.FlagsOnly(old, flags);
  }

  private MemslotChange place(MemslotChange change, @Nullable KvmMemslot old, GfnRange range) {
    SlotTable now = table;
    for (int i = now.firstEndingAfter(range.start()); i < now.size(); i++) {
      KvmMemslot other = now.at(i);
      if (other.start() >= range.end()) {
        break;
      }
      if (other != old) {
        return new MemslotChange.Refused(Errno.EEXIST);
      }
    }
    // A move is told so only after the old place was invalidated: see fits().
    return old != null || fits(range) ? change : new MemslotChange.Refused(Errno.EINVAL);
  }

  /** Returns whether a range ends within what page tables can map. */
  public boolean fits(GfnRange range) {
    return range.end() <= gfnLimit;
  }

  private boolean flagsAllowed(int flags) {
    int valid = KvmMemslot.LOG_DIRTY_PAGES | KvmMemslot.READONLY;
    if ((flags & KvmMemslot.GUEST_MEMFD) != 0) {
      valid = privateMemory ? KvmMemslot.GUEST_MEMFD : 0;
    }
    return (flags & ~valid) == 0;
  }

  private static boolean isSane(MemslotRequest request) {
    if (((request.size() | request.gpa() | request.hva()) & PAGE_MASK) != 0) {
      return false;
    }
    if ((request.flags() & KvmMemslot.GUEST_MEMFD) != 0
        && ((request.gmemOffset() & PAGE_MASK) != 0
            || wraps(request.gmemOffset(), request.size()))) {
      return false;
    }
    return request.id() >= 0
        && request.id() < USER_SLOTS
        && !wraps(request.gpa(), request.size())
        && Long.compareUnsigned(request.size() >>> PAGE_SHIFT, MAX_PAGES) <= 0;
  }

  private static boolean wraps(long address, long size) {
    return Long.compareUnsigned(address + size, address) < 0;
  }

  /**
   * Makes a slot visible.
   *
   * @throws IllegalArgumentException if its number is taken or its range overlaps another slot
   */
  public void insert(KvmMemslot slot) {
    SlotTable now = table;
    int position = now.firstEndingAfter(slot.start());
    if (position < now.size() && now.at(position).start() < slot.end()) {
      throw new IllegalArgumentException(slot + " overlaps " + now.at(position));
    }
    if (now.byId(slot.id()) != null) {
      throw new IllegalArgumentException(slot + ": the number is that of " + now.byId(slot.id()));
    }
    table = now.with(slot);
  }

  /**
   * Hides a slot from new look-ups; readers may still hold it. Its words are freed by {@link
   * KvmMemslot#free()} when none does.
   *
   * @throws IllegalArgumentException if it is not in the registry
   */
  public void remove(KvmMemslot slot) {
    if (table.byId(slot.id()) != slot) {
      throw new IllegalArgumentException(slot + " is not in the registry");
    }
    table = table.without(slot);
  }
}
