package dev.broadsheet.core.tdx.pamt;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.memory.StripedCounts;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The PAMT of one 1G block: {@code entries[0..511]} for 2M, {@code entries[512]} for 1G, and for
 * each 2M the chunk of its 512 4K entries, taken when first needed.
 *
 * <p>An entry's lock stands in its word, but for one thing: where threads call at a time, shared
 * holders are counted beside it, by stripes. Every call shares the entries above its pages and the
 * TD's own, so these words would travel from processor to processor all the time. Who shares counts
 * itself and then looks at the word for an exclusive holder; who wants the lock alone writes the
 * word and then looks for sharers. If the two meet, the shared try is busy, and the other may be.
 */
final class PamtBlock {
  static final int ENTRY_1G = 512;

  /** First byte of the block. */
  private final long base;

  final KernelArray entries;

  /** {@code chunkOf[i]}: handle of the 4K entries of the i-th 2M, or 0. */
  final KernelArray chunkOf;

  /** {@code pairs[2i]}, {@code pairs[2i + 1]}: backing pages of the i-th 2M; 0 if it has none. */
  final @Nullable KernelArray pairs;

  /** One bit per 4K page that holds PAMT entries; dynamic PAMT only. */
  private final @Nullable KernelArray pamtPages;

  /** Shared holders of {@code entries}; null where no two threads call at a time. */
  private final @Nullable StripedCounts sharers;

  /**
   * {@code pageSharers[i]}: shared holders of TDR and TDVPR pages in the i-th 2M, if it has any.
   */
  private final @Nullable AtomicReferenceArray<@Nullable StripedCounts> pageSharers;

  PamtBlock(KernelMemory memory, long base, boolean dynamic, boolean threads) {
    this.base = base;
    sharers = threads ? new StripedCounts(513) : null;
    pageSharers = threads ? new AtomicReferenceArray<>(512) : null;
    entries = memory.array("pamt.2m", ElementWidth.U64, 513);
    chunkOf = memory.array("pamt.links", ElementWidth.U64, 512);
    pairs = dynamic ? memory.array("pamt.pairs", ElementWidth.U64, 1024) : null;
    pamtPages = dynamic ? memory.array("pamt.bitmap", ElementWidth.U64, 4096) : null;
  }

  /** Returns whether an address lies in the block. */
  boolean covers(long hpa) {
    return hpa >>> 30 == base >>> 30;
  }

  /** Takes the lock of an upper entry shared; returns whether it did. */
  boolean tryShared(int index) {
    if (sharers != null) {
      sharers.add(index, 1);
      if (PamtEntry.canShare(entries.get(index))) {
        return true;
      }
      sharers.add(index, -1);
      return false;
    }
    while (true) {
      long old = entries.get(index);
      if (!PamtEntry.canShare(old)) {
        return false;
      }
      if (entries.compareAndSet(index, old, old + PamtEntry.ONE_SHARED)) {
        return true;
      }
    }
  }

  /** Releases a shared hold of an upper entry. */
  void unlockShared(int index) {
    if (sharers != null) {
      sharers.add(index, -1);
    } else {
      entries.getAndAdd(index, -PamtEntry.ONE_SHARED);
    }
  }

  /** Returns where shared holders of a 2M's 4K entries are counted, or null if none ever was. */
  @Nullable StripedCounts pageSharers(int index2m) {
    return pageSharers == null ? null : pageSharers.get(index2m);
  }

  /**
   * Returns where who is about to share a 4K entry counts itself, or null for in its word: pages
   * that every call of a TD or of a vCPU shares are worth it, and few.
   */
  @Nullable StripedCounts pageSharersFor(int index2m, long entry) {
    int type = PamtEntry.type(entry);
    boolean busy = type == PageType.PT_TDR.value() || type == PageType.PT_TDVPR.value();
    if (pageSharers == null || !busy) {
      return null;
    }
    StripedCounts known = pageSharers.get(index2m);
    if (known == null) {
      pageSharers.compareAndSet(index2m, null, new StripedCounts(512));
      known = pageSharers.get(index2m);
    }
    return known;
  }

  /** Returns whether shared holders of upper entries are counted beside their words. */
  boolean countsAside() {
    return sharers != null;
  }

  /** Returns how many share an upper entry, as counted beside its word. */
  long sharersOf(int index) {
    return sharers == null ? 0 : sharers.sum(index);
  }

  /** Returns how many share a 4K entry, as counted beside its word. */
  long sharersOf(int index2m, int index4k) {
    StripedCounts counts = pageSharers(index2m);
    return counts == null ? 0 : counts.sum(index4k);
  }

  boolean isPamtPage(int index2m, int index4k) {
    return pamtPages != null
        && (pamtPages.get(index2m * 8L + (index4k >>> 6)) >>> (index4k & 63) & 1) != 0;
  }

  boolean hasPamtPage(int index2m) {
    return pamtPages != null
        && pamtPages.mismatch(index2m * 8L, index2m * 8L + 8, 0) != index2m * 8L + 8;
  }

  /** Marks a page as PAMT page, or as free again; returns whether that changed anything. */
  boolean markPamtPage(int index2m, int index4k, boolean used) {
    KernelArray bitmap = pamtPages;
    if (bitmap == null) {
      throw new IllegalStateException("PAMT pages without dynamic PAMT");
    }
    long bit = 1L << (index4k & 63);
    while (true) {
      long old = bitmap.get(index2m * 8L + (index4k >>> 6));
      long next = used ? old | bit : old & ~bit;
      if (old == next) {
        return false;
      }
      if (bitmap.compareAndSet(index2m * 8L + (index4k >>> 6), old, next)) {
        return true;
      }
    }
  }

  void free() {
    entries.free();
    chunkOf.free();
    if (pairs != null) {
      pairs.free();
    }
    if (pamtPages != null) {
      pamtPages.free();
    }
  }
}
