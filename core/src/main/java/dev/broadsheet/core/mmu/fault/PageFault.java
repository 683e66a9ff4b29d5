package dev.broadsheet.core.mmu.fault;

import dev.broadsheet.core.memory.OwnLines;
import dev.broadsheet.core.memslot.KvmMemslot;
import org.jspecify.annotations.Nullable;

/**
 * One fault on its way through the fault path: the kernel's {@code struct kvm_page_fault}. One per
 * vCPU, reused; {@link #begin} resets it.
 */
public final class PageFault extends OwnLines {
  /** Error-code bit: an entry was present. */
  public static final long PRESENT = 1L << 0;

  /** Error-code bit: a write. */
  public static final long WRITE = 1L << 1;

  /** Error-code bit: in user mode, as all nested walks are. */
  public static final long USER = 1L << 2;

  /** Error-code bit: reserved bits in an entry; how NPT shows an MMIO entry. */
  public static final long RESERVED = 1L << 3;

  /** Error-code bit: an instruction fetch. */
  public static final long FETCH = 1L << 4;

  /** Error-code bit: the final address of the guest's access. */
  public static final long GUEST_FINAL = 1L << 32;

  /** Error-code bit: a walk of the guest's own tables. */
  public static final long GUEST_PAGE = 1L << 33;

  /** Error-code bit, KVM's own: the access is private. */
  public static final long PRIVATE_ACCESS = 1L << 49;

  /** No frame: there is no memslot. */
  public static final long NO_SLOT = -1;

  long gpa;
  long errorCode;
  long gfn;
  boolean write;
  boolean fetch;
  boolean present;
  boolean reserved;
  boolean isPrivate;
  boolean prefetch;
  boolean hugePageDisallowed;

  /** Largest level that the guest's own request allows: the level of an ACCEPT; else 3. */
  int levelLimit;

  /** Set when the fault looks for its slot; before, that of an earlier fault. */
  @Nullable KvmMemslot slot;

  long pfn;
  boolean mapWritable;
  int hostLevel;
  int maxLevel;
  int reqLevel;
  int goalLevel;
  long sequence;
  int errno;
  boolean memoryFaultExit;

  /** Creates a fault that has not begun. */
  public PageFault() {}

  /**
   * Resets for a new fault.
   *
   * @param faultGpa the address without the shared bit
   * @param code the error code
   * @param privateAccess whether the access was private
   * @param isPrefetch whether nobody accessed, but user space asked for the mapping
   * @param limit the largest level to map, 1 to 3
   */
  public void begin(
      long faultGpa, long code, boolean privateAccess, boolean isPrefetch, int limit) {
    gpa = faultGpa;
    errorCode = code;
    gfn = faultGpa >>> 12;
    write = (code & WRITE) != 0;
    fetch = (code & FETCH) != 0;
    present = (code & PRESENT) != 0;
    reserved = (code & RESERVED) != 0;
    isPrivate = privateAccess;
    prefetch = isPrefetch;
    levelLimit = limit;
    hugePageDisallowed = false;
    pfn = NO_SLOT;
    mapWritable = false;
    hostLevel = 1;
    maxLevel = 3;
    reqLevel = 1;
    goalLevel = 1;
    sequence = 0;
    errno = 0;
    memoryFaultExit = false;
  }

  /** Returns the faulting address without the shared bit. */
  public long gpa() {
    return gpa;
  }

  /** Returns the faulting gfn without the shared bit. */
  public long gfn() {
    return gfn;
  }

  /** Returns whether the access was private. */
  public boolean isPrivate() {
    return isPrivate;
  }

  /** Returns whether the access was a write. */
  public boolean isWrite() {
    return write;
  }

  /** Returns the level that the fault path decided to map. */
  public int goalLevel() {
    return goalLevel;
  }

  /** Returns the error number, positive, after {@link RetPf#ERROR}. */
  public int errno() {
    return errno;
  }

  /** Returns whether user space gets a memory-fault exit with the error. */
  public boolean isMemoryFaultExit() {
    return memoryFaultExit;
  }

  /** Returns the memslot that the fault found, or null. */
  public @Nullable KvmMemslot slot() {
    return slot;
  }
}
