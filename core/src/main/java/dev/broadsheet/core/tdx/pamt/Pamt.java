package dev.broadsheet.core.tdx.pamt;

import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.memory.ObjectCache;
import dev.broadsheet.core.memory.InterleavingMemory;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The physical address metadata table of all TDMRs.
 *
 * <p>For each address at most one of three entries (1G, 2M, 4K) is a page of a TD; the lookup walks
 * down and stops at the first that is PT_REG. On the way it takes each level's lock shared, and the
 * lock that was asked for on the last. Nobody waits: a lock that is taken makes the call busy.
 *
 * <p>Memory is taken when first needed: per 1G block 513 entries, per 2M 512 more when one of its
 * 4K pages is given to the module. A 4K page costs 8 bytes here; what real hardware sets aside is
 * {@link #realBytes()}.
 *
 * <p>Source: TDX module 1.5.05, pamt_manager.c: pamt_walk(), pamt_demote(), pamt_promote().
 */
public final class Pamt {
  /** What became of an attempt to find and lock an entry. */
  public enum Found {
    /** Found, locked. */
    LOCKED,
    /** Some lock on the way was taken. */
    BUSY,
    /** Not inside an initialised 1G block of a TDMR. */
    OUTSIDE,
    /** Dynamic PAMT: the 2M range has no page pair. */
    MISSING_PAIR
  }

  private static final long GIB = 1L << 30;
  private static final int CHUNK_ENTRIES = 512;
  private static final int REG = PageType.PT_REG.value();
  private static final long ENTRIES_PER_GIB = 1 + 512 + 262_144;

  final ObjectCache chunks;
  private final KernelMemory memory;
  private final boolean dynamic;
  private final boolean parallel;
  private final Region[] regions;
  private final AtomicLong pairCount = new AtomicLong();

  /** One TDMR and its blocks. */
  private static final class Region {
    final Tdmr tdmr;
    final long base;
    final long end;
    final AtomicReferenceArray<@Nullable PamtBlock> blocks;
    final AtomicLong initialised;

    Region(Tdmr tdmr, boolean initialised) {
      this.tdmr = tdmr;
      this.base = tdmr.base();
      this.end = tdmr.end();
      this.blocks = new AtomicReferenceArray<>((int) (tdmr.size() / GIB));
      this.initialised = new AtomicLong(initialised ? tdmr.size() : 0);
    }
  }

  /**
   * Creates the table.
   *
   * @param initialised whether SYS.TDMR.INIT has covered everything already
   * @param threads whether several threads call the module
   */
  public Pamt(
      KernelMemory memory,
      List<Tdmr> tdmrs,
      boolean dynamic,
      boolean initialised,
      boolean threads) {
    this.memory = memory;
    this.dynamic = dynamic;
    // Threads that take turns: the scheduler must see every lock that they share.
    this.parallel = threads && !(memory instanceof InterleavingMemory);
    this.chunks = memory.cache("pamt.4k", CHUNK_ENTRIES * Long.BYTES);
    List<Tdmr> sorted = tdmrs.stream().sorted(Comparator.comparingLong(Tdmr::base)).toList();
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).base() < sorted.get(i - 1).end()) {
        throw new IllegalArgumentException(
            "TDMRs overlap: " + sorted.get(i - 1) + " and " + sorted.get(i));
      }
    }
    regions = sorted.stream().map(t -> new Region(t, initialised)).toArray(Region[]::new);
  }

  /** Returns whether page pairs back the 4K entries. */
  public boolean isDynamic() {
    return dynamic;
  }

  /**
   * Finds the entry of {@code hpa} and locks it.
   *
   * @param target level at which the walk ends at the latest: 0 for a 4K page, 1 for 2M
   * @param exclusive which lock is wanted on the entry where the walk ends
   * @param taking whether the page is about to be given to a TD, so that its entry must exist
   */
  public Found lock(PamtRef ref, long hpa, int target, boolean exclusive, boolean taking) {
    PamtBlock block = block(ref, hpa);
    if (block == null) {
      return Found.OUTSIDE;
    }
    int index2m = (int) (hpa >>> 21) & 511;
    int index4k = (int) (hpa >>> 12) & 511;
    // Taken before any lock, so that a lack of memory finds nothing half done.
    long chunk = target == 0 ? chunkFor(block, index2m, exclusive) : 0;

    KernelArray entries = block.entries;
    if (!block.tryShared(PamtBlock.ENTRY_1G)) {
      return Found.BUSY;
    }
    if (PamtEntry.type(entries.get(PamtBlock.ENTRY_1G)) == REG || target == 2) {
      ref.found(block, index2m, index4k, 2, 0);
      return finishUpper(ref, exclusive);
    }
    if (!block.tryShared(index2m)) {
      block.unlockShared(PamtBlock.ENTRY_1G);
      return Found.BUSY;
    }
    if (PamtEntry.type(entries.get(index2m)) == REG || target == 1) {
      ref.found(block, index2m, index4k, 1, 0);
      return finishUpper(ref, exclusive);
    }
    if (dynamic && taking && !block.isPamtPage(index2m, index4k) && !hasPair(block, index2m)) {
      releasePath(block, index2m, 1);
      return Found.MISSING_PAIR;
    }
    ref.found(block, index2m, index4k, 0, chunk);
    boolean locked = chunk == 0 || (exclusive ? ref.tryExclusive() : ref.tryShared());
    if (!locked) {
      releasePath(block, index2m, 1);
      return Found.BUSY;
    }
    ref.hold(exclusive, true);
    return Found.LOCKED;
  }

  /**
   * Locks the entry of a page whose level the caller knows, and nothing on the way to it.
   *
   * @return whether the lock is held now
   */
  public boolean lockKnown(PamtRef ref, long hpa, int level, boolean exclusive) {
    lookup(ref, hpa, level);
    if (exclusive ? !ref.tryExclusive() : !ref.tryShared()) {
      return false;
    }
    ref.hold(exclusive, false);
    return true;
  }

  /** Points {@code ref} at the entry of a page whose level the caller knows, without a lock. */
  public void lookup(PamtRef ref, long hpa, int level) {
    PamtBlock block = block(ref, hpa);
    if (block == null) {
      throw new IllegalStateException(String.format("0x%x is outside all TDMRs", hpa));
    }
    int index2m = (int) (hpa >>> 21) & 511;
    long chunk = level == 0 ? chunkFor(block, index2m, true) : 0;
    ref.found(block, index2m, (int) (hpa >>> 12) & 511, level, chunk);
  }

  /** Points {@code ref} at the entry that stands for {@code hpa}: REG at 1G, at 2M, or the 4K. */
  public boolean peek(PamtRef ref, long hpa) {
    PamtBlock block = block(ref, hpa);
    if (block == null) {
      return false;
    }
    int index2m = (int) (hpa >>> 21) & 511;
    int index4k = (int) (hpa >>> 12) & 511;
    if (PamtEntry.type(block.entries.get(PamtBlock.ENTRY_1G)) == REG) {
      ref.found(block, index2m, index4k, 2, 0);
    } else if (PamtEntry.type(block.entries.get(index2m)) == REG) {
      ref.found(block, index2m, index4k, 1, 0);
    } else {
      ref.found(block, index2m, index4k, 0, block.chunkOf.get(index2m));
    }
    return true;
  }

  /** Returns whether a 2M range, locked by {@code ref}, has no page in use below it. */
  public boolean isFree2m(PamtRef ref) {
    PamtBlock block = blockOf(ref);
    if (ref.type() != PageType.PT_NDA || block.hasPamtPage(ref.index2m)) {
      return false;
    }
    return chunkIsFree(block.chunkOf.get(ref.index2m));
  }

  private boolean chunkIsFree(long chunk) {
    if (chunk != 0) {
      for (int i = 0; i < CHUNK_ENTRIES; i++) {
        if (PamtEntry.type(chunks.get(chunk, i)) != PageType.PT_NDA.value()) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Splits a large page: its 512 children become PT_REG of the same owner, epoch 0, and it becomes
   * PT_NDA. The caller holds the entry's lock and has called {@link #prepareSplit}.
   */
  public void split(PamtRef large) {
    PamtBlock block = blockOf(large);
    long child = PamtEntry.of(PageType.PT_REG, large.owner(), 0);
    if (large.level == 2) {
      for (int i = 0; i < 512; i++) {
        block.entries.set(i, child | (block.entries.get(i) & PamtEntry.LOCK));
      }
    } else {
      long chunk = block.chunkOf.get(large.index2m);
      for (int i = 0; i < CHUNK_ENTRIES; i++) {
        chunks.setPlain(chunk, i, child);
      }
    }
    large.setType(PageType.PT_NDA);
  }

  /** Takes the memory that {@link #split} will need, so that it cannot fail. */
  public void prepareSplit(long hpa, int level) {
    Region region = region(hpa);
    if (level == 1 && region != null) {
      chunkFor(block(region, hpa), (int) (hpa >>> 21) & 511, true);
    }
  }

  /** Merges 512 PT_REG children into one large page. The caller holds the large entry's lock. */
  public void merge(PamtRef large) {
    PamtBlock block = blockOf(large);
    int owner;
    if (large.level == 2) {
      owner = PamtEntry.owner(block.entries.get(0));
      for (int i = 0; i < 512; i++) {
        long old = block.entries.get(i);
        block.entries.set(i, old & ~PamtEntry.TYPE);
      }
    } else {
      long chunk = block.chunkOf.get(large.index2m);
      owner = PamtEntry.owner(chunks.get(chunk, 0));
      for (int i = 0; i < CHUNK_ENTRIES; i++) {
        chunks.setPlain(chunk, i, chunks.getPlain(chunk, i) & ~PamtEntry.TYPE);
      }
    }
    large.set(PageType.PT_REG, owner, 0);
  }

  // Dynamic PAMT.

  /** Returns whether the 2M range of {@code ref} has its page pair. */
  public boolean hasPair(PamtRef ref) {
    return hasPair(blockOf(ref), ref.index2m);
  }

  /** Takes a page for PAMT use; returns whether it was free for that. */
  public boolean takePamtPage(PamtRef scratch, long hpa) {
    if (!peek(scratch, hpa) || scratch.level != 0 || scratch.type() != PageType.PT_NDA) {
      return false;
    }
    return blockOf(scratch).markPamtPage(scratch.index2m, scratch.index4k, true);
  }

  /** Gives a PAMT page back. */
  public void returnPamtPage(PamtRef scratch, long hpa) {
    if (peek(scratch, hpa)) {
      blockOf(scratch).markPamtPage(scratch.index2m, scratch.index4k, false);
    }
  }

  /** Backs the 2M range of {@code ref} with two pages. The caller holds the range's lock. */
  public void setPair(PamtRef ref, long first, long second) {
    KernelArray pairs = pairs(blockOf(ref));
    chunkFor(blockOf(ref), ref.index2m, true);
    pairs.set(ref.index2m * 2L + 1, second);
    pairs.set(ref.index2m * 2L, first | 1); // bit 0 says "backed": a page may stand at address 0
    pairCount.incrementAndGet();
  }

  /** Returns the first or second page that backs the 2M range of {@code ref}. */
  public long pairPage(PamtRef ref, int which) {
    return pairs(blockOf(ref)).get(ref.index2m * 2L + which) & ~1L;
  }

  /** Takes the pair from the 2M range of {@code ref}. The caller holds the range's lock. */
  public void clearPair(PamtRef ref) {
    PamtBlock block = blockOf(ref);
    pairs(block).set(ref.index2m * 2L, 0);
    pairs(block).set(ref.index2m * 2L + 1, 0);
    pairCount.decrementAndGet();
  }

  /** Returns whether no 4K page of the 2M range of {@code ref} is in use. */
  public boolean hasNo4kPages(PamtRef ref) {
    PamtBlock block = blockOf(ref);
    return chunkIsFree(block.chunkOf.get(ref.index2m));
  }

  // TDMR initialisation.

  /** Outcome of {@link #initialise}: the TDMR is unknown. */
  public static final long NO_SUCH_TDMR = -1;

  /** Outcome of {@link #initialise}: nothing was left to do. */
  public static final long ALREADY_INITIALISED = -2;

  /**
   * Initialises the next part of a TDMR.
   *
   * @param base first byte of the TDMR
   * @param bytes how much one call covers
   * @return the first byte that is not usable yet, or one of the two outcomes
   */
  public long initialise(long base, long bytes) {
    for (Region region : regions) {
      if (region.tdmr.base() == base) {
        long size = region.tdmr.size();
        while (true) {
          long done = region.initialised.get();
          if (done == size) {
            return ALREADY_INITIALISED;
          }
          long next = Math.min(size, done + bytes);
          if (region.initialised.compareAndSet(done, next)) {
            return base + (next & -GIB);
          }
        }
      }
    }
    return NO_SUCH_TDMR;
  }

  // Books.

  /** Returns what the PAMT takes on real hardware: 16 bytes an entry, or bitmap and pairs. */
  public long realBytes() {
    long bytes = 0;
    for (Region region : regions) {
      long gib = region.tdmr.size() / GIB;
      bytes += dynamic ? gib * ((1 + 512) * 16L + 262_144 / 8) : gib * ENTRIES_PER_GIB * 16L;
    }
    return bytes + pairCount.get() * 2 * 4096;
  }

  /** Returns how many 2M ranges have a page pair. */
  public long pairs() {
    return pairCount.get();
  }

  /** Receives the entries that are not PT_NDA. */
  public interface Visitor {
    /** One page: its address, level, type and owner's slot. */
    void page(long hpa, int level, PageType type, int owner);

    /** The lock of one entry that is held. */
    void locked(long hpa, int level);
  }

  /** Shows all pages in use and all locks held; for audits at quiet points. */
  public void visit(Visitor visitor) {
    for (Region region : regions) {
      for (int g = 0; g < region.blocks.length(); g++) {
        PamtBlock block = region.blocks.get(g);
        if (block != null) {
          visit(block, region.tdmr.base() + g * GIB, visitor);
        }
      }
    }
  }

  private void visit(PamtBlock block, long base, Visitor visitor) {
    visitUpper(block, PamtBlock.ENTRY_1G, base, 2, visitor);
    for (int i = 0; i < 512; i++) {
      long base2m = base + ((long) i << 21);
      visitUpper(block, i, base2m, 1, visitor);
      long chunk = block.chunkOf.get(i);
      if (chunk != 0) {
        for (int k = 0; k < CHUNK_ENTRIES; k++) {
          long hpa = base2m + ((long) k << 12);
          visitWord(chunks.get(chunk, k), block.sharersOf(i, k), hpa, 0, visitor);
        }
      }
    }
  }

  /** Receives the entries below a large page. */
  @FunctionalInterface
  public interface BelowVisitor {
    /** One entry below: its address, level and type. */
    void entry(long hpa, int level, PageType type);
  }

  /** Shows the entries that lie below the entry of {@code hpa} at {@code level}; for audits. */
  public void visitBelow(long hpa, int level, BelowVisitor visitor) {
    Region region = region(hpa);
    if (region == null) {
      return;
    }
    PamtBlock block = block(region, hpa);
    int from = level == 2 ? 0 : (int) (hpa >>> 21) & 511;
    int to = level == 2 ? 512 : from + 1;
    for (int i = from; i < to; i++) {
      long base2m = (hpa & -GIB) + ((long) i << 21);
      if (level == 2) {
        visitor.entry(base2m, 1, PageType.of(PamtEntry.type(block.entries.get(i))));
      }
      long chunk = block.chunkOf.get(i);
      for (int k = 0; chunk != 0 && k < CHUNK_ENTRIES; k++) {
        PageType type = PageType.of(PamtEntry.type(chunks.get(chunk, k)));
        visitor.entry(base2m + ((long) k << 12), 0, type);
      }
    }
  }

  private static void visitUpper(PamtBlock block, int index, long hpa, int level, Visitor visitor) {
    visitWord(block.entries.get(index), block.sharersOf(index), hpa, level, visitor);
  }

  private static void visitWord(long word, long sharers, long hpa, int level, Visitor visitor) {
    if (PamtEntry.type(word) != PageType.PT_NDA.value()) {
      visitor.page(hpa, level, PageType.of(PamtEntry.type(word)), PamtEntry.owner(word));
    }
    if (!PamtEntry.isFree(word) || sharers != 0) {
      visitor.locked(hpa, level);
    }
  }

  /** Gives all memory back. No call may be under way, and none may follow. */
  public void close() {
    for (Region region : regions) {
      for (int g = 0; g < region.blocks.length(); g++) {
        PamtBlock block = region.blocks.getAndSet(g, null);
        if (block != null) {
          for (int i = 0; i < 512; i++) {
            long chunk = block.chunkOf.get(i);
            if (chunk != 0) {
              chunks.free(chunk);
            }
          }
          block.free();
        }
      }
    }
  }

  private Found finishUpper(PamtRef ref, boolean exclusive) {
    PamtBlock block = blockOf(ref);
    if (exclusive && !ref.tryUpgrade()) {
      releasePath(block, ref.index2m, ref.level);
      return Found.BUSY;
    }
    ref.hold(exclusive, true);
    return Found.LOCKED;
  }

  /** Releases the shared locks from {@code lowest} upwards. */
  private static void releasePath(PamtBlock block, int index2m, int lowest) {
    if (lowest == 1) {
      block.unlockShared(index2m);
    }
    block.unlockShared(PamtBlock.ENTRY_1G);
  }

  private @Nullable Region region(long hpa) {
    for (Region region : regions) {
      if (hpa >= region.base && hpa < region.end) {
        // Usable once the whole 1G block is covered.
        long usable = region.initialised.get() & -GIB;
        return hpa - region.base < usable ? region : null;
      }
    }
    return null;
  }

  /**
   * Returns the block of an address, or null; first asks the block that {@code ref} was in last.
   */
  private @Nullable PamtBlock block(PamtRef ref, long hpa) {
    PamtBlock last = ref.block;
    if (last != null && last.covers(hpa)) {
      return last;
    }
    Region region = region(hpa);
    return region == null ? null : block(region, hpa);
  }

  private PamtBlock block(Region region, long hpa) {
    int index = (int) ((hpa - region.base) >>> 30);
    PamtBlock block = region.blocks.get(index);
    return block == null ? newBlock(region, index) : block;
  }

  private PamtBlock newBlock(Region region, int index) {
    PamtBlock fresh = new PamtBlock(memory, region.base + index * GIB, dynamic, parallel);
    PamtBlock winner = region.blocks.compareAndExchange(index, null, fresh);
    if (winner == null) {
      return fresh;
    }
    fresh.free();
    return winner;
  }

  /** Returns the chunk of a 2M range, or 0 if there is none and none is wanted. */
  private long chunkFor(PamtBlock block, int index2m, boolean wanted) {
    long chunk = block.chunkOf.get(index2m);
    if (chunk != 0 || !wanted) {
      return chunk;
    }
    long fresh = allocateChunk();
    if (block.chunkOf.compareAndSet(index2m, 0, fresh)) {
      return fresh;
    }
    chunks.free(fresh);
    return block.chunkOf.get(index2m);
  }

  /**
   * Takes a chunk.
   *
   * @throws KernelOutOfMemoryException if there is no memory; nothing has changed then
   */
  private long allocateChunk() {
    return chunks.allocate();
  }

  private static boolean hasPair(PamtBlock block, int index2m) {
    return block.pairs != null && (block.pairs.get(index2m * 2L) & 1) != 0;
  }

  private static KernelArray pairs(PamtBlock block) {
    if (block.pairs == null) {
      throw new IllegalStateException("page pairs without dynamic PAMT");
    }
    return block.pairs;
  }

  private static PamtBlock blockOf(PamtRef ref) {
    if (ref.block == null) {
      throw new IllegalStateException("no PAMT entry was looked up");
    }
    return ref.block;
  }
}
