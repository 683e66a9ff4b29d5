package dev.broadsheet.api;

import java.util.Map;

/**
 * The state of one strategy for one virtual machine: which pages are private, shared or mixed.
 *
 * <p><b>Who calls what, and when.</b>
 *
 * <table>
 *   <caption>Callers and locks</caption>
 *   <tr><th>method</th><th>caller</th><th>locks held by the caller</th></tr>
 *   <tr><td>{@link #attributes}, {@link #maxLevel}</td><td>any number of threads, any time</td>
 *       <td>an RCU read section; {@code mmu_lock} for read in the fault path</td></tr>
 *   <tr><td>{@link #type}, {@link #firstDifference}</td><td>one conversion, and reports</td>
 *       <td>{@code slots_lock}</td></tr>
 *   <tr><td>{@link #prepare} and the phases of {@link Conversion}</td><td>one thread at a time</td>
 *       <td>{@code slots_lock}; see there for {@code mmu_lock}</td></tr>
 *   <tr><td>{@link #memslotAdded}, {@link #memslotRemoved}</td><td>one thread at a time</td>
 *       <td>{@code slots_lock}</td></tr>
 *   <tr><td>{@link #audit}, {@link #gauges}, {@link #close}</td><td>one thread at a quiet point</td>
 *       <td>none needed</td></tr>
 * </table>
 *
 * <p>A read that overlaps a conversion may answer old or new per page; the MMU retries what was
 * stale. A tracker must survive the overlap: no exception, no endless loop (R9).
 *
 * <p><b>Attributes belong to gfns, not to memslots.</b> They may be set where no slot is, survive
 * the removal of a slot, and do not travel when a slot is moved. A strategy that hangs its truth on
 * slots keeps the rest in a store labelled {@code outside}.
 *
 * <p>All state is kernel memory (R10). The same calls give the same answers and the same work
 * (R12).
 */
public interface PageAttributeTracker extends AutoCloseable {
  /**
   * Returns what a gfn answers that no conversion has ever touched.
   *
   * <p>Usually {@link TrackerContext#initialAttributes()}. A strategy whose structure fixes the
   * default (a missing entry means shared) answers its own; the virtual machine then fills every
   * slot by {@link #convert} when the slot is added, and books the cost as start-up. Constant for
   * the tracker's life.
   */
  int defaultAttributes();

  /**
   * Returns the {@link PageAttributes} bits of one 4 KiB page. Hot: called on every fault,
   * concurrently; no allocation.
   *
   * @param gfn 0 or more, below 2^52; need not lie in a slot
   */
  int attributes(long gfn);

  /**
   * Returns the largest level at which {@code gfn} may be mapped, as far as this tracker limits it
   * beyond lpage_info. Hot and concurrent; reads a number of words that depends on levels, not on
   * pages; no allocation.
   *
   * <p>The MMU takes the minimum of this and of what lpage_info allows, so a strategy that keeps
   * its mixed state in lpage_info leaves the default. Together they must never allow a level whose
   * block holds two attributes (R3), and should allow every uniform block inside the slot (R4).
   *
   * @param gfn a gfn inside a memslot
   * @param ceiling the largest level worth answering: 4K, 2M or 1G
   * @return a level from 4K to {@code ceiling}
   */
  default PageLevel maxLevel(long gfn, PageLevel ceiling) {
    return ceiling;
  }

  /**
   * Returns what the block of {@code level} around {@code gfn} is.
   *
   * @param level 4K, 2M or 1G
   * @return {@link PageType#INVALID} if the block is not wholly inside one memslot, else shared,
   *     private or mixed
   */
  PageType type(long gfn, PageLevel level);

  /**
   * Returns the first gfn in {@code [gfn, end)} whose attributes differ from the given ones, or
   * {@code end}.
   *
   * @throws IllegalArgumentException if {@code gfn} is greater than {@code end}
   */
  default long firstDifference(long gfn, long end, int attributes) {
    if (gfn > end) {
      throw new IllegalArgumentException(
          "first difference in [0x%x, 0x%x): the start lies behind the end".formatted(gfn, end));
    }
    long next = gfn;
    while (next < end && attributes(next) == attributes) {
      next++;
    }
    return next;
  }

  /**
   * Prepares a conversion: checks it and takes all memory that storing will need. Changes no
   * answer.
   *
   * @param range may span slots and holes
   * @param attributes the bits that every page of the range shall have
   * @return the conversion; its plan says whether there is anything to do, and how far memory
   *     reaches
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException instead of a plan {@code
   *     Rejected(OUT_OF_MEMORY)}; the observable state is as before (R8)
   */
  Conversion prepare(GfnRange range, int attributes);

  /**
   * Carries out a conversion in all its phases at once: for embedding, tests and the fill of a new
   * slot, where nothing is mapped that would have to be zapped.
   *
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException if {@link #prepare} throws it
   */
  default ConversionOutcome convert(GfnRange range, int attributes) {
    Conversion conversion = prepare(range, attributes);
    Plan plan = conversion.plan();
    if (plan instanceof Plan.Rejected rejected) {
      return new ConversionOutcome.Rejected(rejected.reason(), rejected.detail());
    }
    if (!(plan instanceof Plan.Ready ready)) {
      return new ConversionOutcome.Unchanged();
    }
    long next = ready.range().start();
    while (next < ready.range().end()) {
      next = conversion.store(next);
    }
    conversion.publish();
    return ready.range().end() == range.end()
        ? new ConversionOutcome.Converted(range)
        : new ConversionOutcome.Partial(ready.range(), ready.range().end());
  }

  /**
   * Tells that a memslot now exists; its {@link LpageInfo} words are there, with the counts for
   * misalignment set and no mixed flag.
   *
   * <p>The tracker brings its large-page information up to date with attributes that were set
   * before the slot came.
   *
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException if there is no memory: the slot's
   *     creation fails, the tracker's state is as before (R8)
   */
  void memslotAdded(Memslot slot);

  /**
   * Tells that a memslot is going; its {@link LpageInfo} words still exist during this call. What
   * was per slot is freed (R11), attributes stay. A moved slot is removed and added.
   */
  void memslotRemoved(Memslot slot);

  /**
   * Returns named inner figures for reports, such as {@code nodes}. Never needed for answers; empty
   * by default.
   */
  default Map<String, Long> gauges() {
    return Map.of();
  }

  /**
   * Recomputes the truth from the structure's ground, compares it with everything derived, and
   * throws {@link IllegalStateException} with both values on a difference.
   */
  void audit();

  /** Frees all kernel memory of this tracker. No call but this one is legal afterwards. */
  @Override
  void close();
}
