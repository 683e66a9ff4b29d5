package dev.broadsheet.core.memslot;

/**
 * What user space asks for with {@code KVM_SET_USER_MEMORY_REGION2}. Addresses and sizes are in
 * bytes, unsigned.
 *
 * @param id number of the slot
 * @param flags {@link KvmMemslot#LOG_DIRTY_PAGES}, {@link KvmMemslot#READONLY}, {@link
 *     KvmMemslot#GUEST_MEMFD}
 * @param gpa guest physical address
 * @param size 0 deletes the slot
 * @param hva user address
 * @param gmemOffset offset in the guest_memfd; counts only with its flag
 */
public record MemslotRequest(int id, int flags, long gpa, long size, long hva, long gmemOffset) {
  /** Returns a request for a slot without guest_memfd. */
  public static MemslotRequest of(int id, int flags, long gpa, long size, long hva) {
    return new MemslotRequest(id, flags, gpa, size, hva, 0);
  }

  /** Returns a request that deletes a slot. */
  public static MemslotRequest delete(int id) {
    return new MemslotRequest(id, 0, 0, 0, 0, 0);
  }
}
