package dev.broadsheet.core.memslot;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.host.GuestMemfd;
import dev.broadsheet.core.host.SharedBacking;
import org.jspecify.annotations.Nullable;

/**
 * One memory slot of a virtual machine: {@code kvm_memory_slot}, with its large-page words.
 *
 * <p>Number, range and user address never change; a moved slot is another slot. The {@code INVALID}
 * flag is set while a slot is being deleted: faults that meet it retry.
 *
 * <p>Reads are safe from any thread; flags change under {@code slots_lock}.
 */
public final class KvmMemslot {
  /** Bit 0: writes are noted in a bitmap. */
  public static final int LOG_DIRTY_PAGES = 1 << 0;

  /** Bit 1: guest writes exit to user space. */
  public static final int READONLY = 1 << 1;

  /** Bit 2: the private side comes from a guest_memfd. */
  public static final int GUEST_MEMFD = 1 << 2;

  /** Bit 16, KVM's own: the slot is being deleted or moved. */
  public static final int INVALID = 1 << 16;

  private final Memslot slot;
  private final long start;
  private final long end;
  private final SlotLpageInfo lpageInfo;
  private volatile int flags;
  private @Nullable GuestMemfd guestMemfd;
  private long firstFileIndex;
  private @Nullable SharedBacking shared;
  private long firstSharedIndex;

  /**
   * Creates a slot that is in no registry yet.
   *
   * @param memory where its words come from
   * @param slot number, range and user address
   * @param flags {@link #LOG_DIRTY_PAGES}, {@link #READONLY}, {@link #GUEST_MEMFD}
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException if there is no memory
   */
  public KvmMemslot(KernelMemory memory, Memslot slot, int flags) {
    this.slot = slot;
    this.start = slot.range().start();
    this.end = slot.range().end();
    this.lpageInfo = new SlotLpageInfo(memory, slot);
    this.flags = flags;
  }

  /**
   * Says where private pages come from; before the slot is inserted.
   *
   * @param file the file that the slot is bound to
   * @param firstIndex page of the file behind the slot's first gfn
   */
  public KvmMemslot withGuestMemfd(GuestMemfd file, long firstIndex) {
    this.guestMemfd = file;
    this.firstFileIndex = firstIndex;
    return this;
  }

  /**
   * Says where shared pages come from; before the slot is inserted.
   *
   * @param backing the mapping behind the slot
   * @param firstIndex page of the mapping behind the slot's first gfn
   */
  public KvmMemslot withShared(SharedBacking backing, long firstIndex) {
    this.shared = backing;
    this.firstSharedIndex = firstIndex;
    return this;
  }

  /** Returns the file of the slot's private pages, or null. */
  public @Nullable GuestMemfd guestMemfd() {
    return guestMemfd;
  }

  /** Returns the page of {@link #guestMemfd()} behind a gfn of the slot. */
  public long fileIndex(long gfn) {
    return firstFileIndex + (gfn - start());
  }

  /** Returns the mapping of the slot's shared pages, or null. */
  public @Nullable SharedBacking shared() {
    return shared;
  }

  /** Returns the page of {@link #shared()} behind a gfn of the slot. */
  public long sharedIndex(long gfn) {
    return firstSharedIndex + (gfn - start());
  }

  /** Returns the slot as trackers see it. */
  public Memslot slot() {
    return slot;
  }

  /** Returns the slot's number. */
  public int id() {
    return slot.id();
  }

  /** Returns the gfns of the slot. */
  public GfnRange range() {
    return slot.range();
  }

  /** Returns whether a gfn lies in the slot. */
  boolean holds(long gfn) {
    return gfn >= start && gfn < end;
  }

  /** Returns the first gfn. */
  public long start() {
    return start;
  }

  /** Returns the first gfn behind the slot. */
  public long end() {
    return end;
  }

  /** Returns whether the whole block of {@code level} around {@code gfn} lies inside. */
  public boolean holdsBlock(long gfn, PageLevel level) {
    return slot.holdsBlock(gfn, level);
  }

  /** Returns the slot's large-page words. */
  public SlotLpageInfo lpageInfo() {
    return lpageInfo;
  }

  /** Returns the page number of the user address behind a gfn of the slot. */
  public long userGfn(long gfn) {
    return slot.userGfn() + (gfn - start());
  }

  /** Returns the flags, {@link #INVALID} included. */
  public int flags() {
    return flags;
  }

  /** Returns whether writes are noted. */
  public boolean logsDirtyPages() {
    return (flags & LOG_DIRTY_PAGES) != 0;
  }

  /** Returns whether guest writes exit to user space. */
  public boolean isReadOnly() {
    return (flags & READONLY) != 0;
  }

  /** Returns whether the private side comes from a guest_memfd. */
  public boolean canBePrivate() {
    return (flags & GUEST_MEMFD) != 0;
  }

  /** Returns whether the slot is being deleted or moved. */
  public boolean isInvalid() {
    return (flags & INVALID) != 0;
  }

  /** Replaces the flags. Called with {@code slots_lock} held. */
  public void setFlags(int flags) {
    this.flags = flags;
  }

  /** Frees the large-page words. The slot is in no registry, and nobody reads it any more. */
  public void free() {
    lpageInfo.free();
  }

  /** Returns {@code memslot 1 [0x0, 0x280)}. */
  @Override
  public String toString() {
    return "memslot " + slot.id() + " " + slot.range();
  }
}
