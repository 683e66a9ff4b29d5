package dev.broadsheet.api;

/** What a tracker may know of host memory: for strategies that are keyed by host frame. */
public interface Frames {
  /** No host frame. */
  long NONE = -1;

  /** Returns the number of host frames; pfns are below it. */
  long count();

  /**
   * Returns the host frame that backs the private side of {@code gfn} (guest_memfd), or {@link
   * #NONE} if there is none yet or no slot.
   */
  long pfn(long gfn);

  /**
   * Returns the order of the folio behind {@code gfn}, log2 of its size in 4 KiB pages: 0, 9 or 18;
   * 0 where there is none.
   */
  int folioOrder(long gfn);
}
