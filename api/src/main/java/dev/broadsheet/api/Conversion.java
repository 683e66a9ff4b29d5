package dev.broadsheet.api;

/**
 * One change of attributes (MapGPA, {@code KVM_SET_MEMORY_ATTRIBUTES}) in the kernel's phases.
 *
 * <p>The virtual machine calls, in this order and from one thread at a time (conversions of a VM
 * are serialized by {@code slots_lock}, which is held throughout):
 *
 * <ol>
 *   <li>{@link #plan()}, as often as it likes. {@code Unchanged} and {@code Rejected} end here.
 *   <li>With {@code mmu_lock} held for write it begins the invalidation of the planned range and of
 *       unmixed blocks at its edges, zaps mappings, and lets the lock go. Before the first zap it
 *       may {@link #cancel()} instead.
 *   <li>{@link #store} until the end of the planned range is reached, with {@code mmu_lock} free
 *       and the invalidation window open: faults in the range retry meanwhile. Readers may see old
 *       or new per page.
 *   <li>{@link #publish()}, with {@code mmu_lock} held for write, after the invalidation ended.
 * </ol>
 *
 * <p>A conversion that is neither cancelled nor published is a bug of the caller. Calls out of
 * order throw {@link IllegalStateException} where it is cheap to notice.
 */
public interface Conversion {
  /** Returns what was found and reserved; the same answer each time. */
  Plan plan();

  /**
   * Stores the new attributes from {@code from} on, and stops where the kernel could yield.
   *
   * <p>Cannot fail: {@code prepare} reserved what is needed. At least one page is stored by each
   * call.
   *
   * @param from the planned range's start, then what the call before returned
   * @return where it stopped, at most the planned range's end
   */
  long store(long from);

  /**
   * Makes large-page information final: mixed flags, counters, whatever {@code maxLevel} and
   * lpage_info say. A read that starts after this call returned sees the new answer (R9).
   */
  void publish();

  /** Gives back what {@code prepare} reserved. Legal until the first {@link #store}. */
  void cancel();
}
