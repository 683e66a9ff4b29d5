package dev.broadsheet.core.mmu.tdp;

/**
 * How an entry of a tree is written. The MMU knows nothing else of TDX: in the direct tree writing
 * is a compare-and-set, in the mirror tree a SEAMCALL stands between two writes.
 */
public interface SpteWriter {
  /** The entry was written. */
  int WRITTEN = 0;

  /** Another thread was first. */
  int LOST = 1;

  /** The TDX module was busy or refused; the entry is as before. */
  int REFUSED = 2;

  /**
   * Replaces {@code old} with {@code now}, with {@code mmu_lock} held for read.
   *
   * @return {@link #WRITTEN}, {@link #LOST} or {@link #REFUSED}
   */
  int tryWrite(long table, int index, long gfn, int level, long old, long now);

  /**
   * Replaces an entry with {@code mmu_lock} held for write; cannot be lost.
   *
   * @return what the entry held: {@code old}, except for bits that hardware or the lockless path
   *     set meanwhile
   */
  long write(long table, int index, long gfn, int level, long old, long now);

  /**
   * Told that a leaf is gone, after {@link #write} or because its table was taken down: whatever is
   * behind the tree follows.
   */
  void leafRemoved(long gfn, int level, long old);

  /** Told that a table was taken down and all that was below it. */
  void tableRemoved(long gfn, int level, long external);
}
