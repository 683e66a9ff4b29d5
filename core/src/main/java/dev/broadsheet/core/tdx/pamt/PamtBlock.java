package dev.broadsheet.core.tdx.pamt;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelMemory;
import org.jspecify.annotations.Nullable;

/**
 * The PAMT of one 1G block: {@code entries[0..511]} for 2M, {@code entries[512]} for 1G, and for
 * each 2M the chunk of its 512 4K entries, taken when first needed.
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

  PamtBlock(KernelMemory memory, long base, boolean dynamic) {
    this.base = base;
    entries = memory.array("pamt.2m", ElementWidth.U64, 513);
    chunkOf = memory.array("pamt.links", ElementWidth.U64, 512);
    pairs = dynamic ? memory.array("pamt.pairs", ElementWidth.U64, 1024) : null;
    pamtPages = dynamic ? memory.array("pamt.bitmap", ElementWidth.U64, 4096) : null;
  }

  /** Returns whether an address lies in the block. */
  boolean covers(long hpa) {
    return hpa >>> 30 == base >>> 30;
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
