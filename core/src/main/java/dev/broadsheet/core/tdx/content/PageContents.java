package dev.broadsheet.core.tdx.content;

import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What each 4K page of physical memory holds: one 8-byte value that stands for the whole page, and
 * the key id that wrote it (0 is the host's).
 *
 * <p>Reading with another key than the one that wrote gives no plaintext; a private reader takes an
 * integrity fault. Lines written with a private key stay in the caches, dirty, until {@link
 * #writeBack}; who writes the page with the host's key before that may lose what it wrote: that is
 * counted as {@link #staleLineHazards}.
 *
 * <p>For tests and audits: taken per 2M of touched memory, boxed keys, not for hot paths. Safe for
 * use from many threads as far as single pages go.
 */
public final class PageContents {
  /** The host's key id. */
  public static final int HOST_KEY = 0;

  private static final int PAGES = 512;
  private static final long KEY_BITS = 0xffffL;
  private static final long DIRTY = 1L << 16;

  /** {@code value[0..511]}, then {@code tag[0..511]}: key id, dirty bit. */
  private final ObjectCache chunks;

  private final Map<Long, Long> chunkOf = new ConcurrentHashMap<>();
  private final AtomicLong foreignReads = new AtomicLong();
  private final AtomicLong staleLineHazards = new AtomicLong();

  /** Creates empty contents: every page holds 0, written by the host. */
  public PageContents(KernelMemory memory) {
    chunks = memory.cache("model.contents", 2 * PAGES * Long.BYTES);
  }

  /** Writes a page with a key; private writes leave dirty lines. */
  public void write(long hpa, int key, long value) {
    long chunk = chunk(hpa);
    int page = page(hpa);
    long tag = chunks.get(chunk, PAGES + page);
    if (key == HOST_KEY && (tag & DIRTY) != 0) {
      staleLineHazards.incrementAndGet();
    }
    chunks.set(chunk, page, value);
    chunks.set(chunk, PAGES + page, key == HOST_KEY ? key : key | DIRTY);
  }

  /** Returns whether the page was last written with this key. */
  public boolean isReadableWith(long hpa, int key) {
    boolean readable = keyOf(hpa) == key;
    if (!readable) {
      foreignReads.incrementAndGet();
    }
    return readable;
  }

  /** Returns the key id that wrote the page last. */
  public int keyOf(long hpa) {
    return (int) (chunks.get(chunk(hpa), PAGES + page(hpa)) & KEY_BITS);
  }

  /** Returns what a reader with the key of the last writer sees. */
  public long plaintext(long hpa) {
    return chunks.get(chunk(hpa), page(hpa));
  }

  /** Returns what a reader with {@code key} sees: plaintext, or noise that depends on it. */
  public long read(long hpa, int key) {
    long value = plaintext(hpa);
    int writer = keyOf(hpa);
    if (writer == key) {
      return value;
    }
    foreignReads.incrementAndGet();
    long z = (value ^ ((long) writer << 32 ^ key) ^ hpa) * 0x9e37_79b9_7f4a_7c15L;
    return (z ^ (z >>> 29)) | 1;
  }

  /** Writes dirty lines of one page back for one key (TDH.PHYMEM.PAGE.WBINVD). */
  public void writeBack(long hpa, int key) {
    long chunk = chunk(hpa);
    long tag = chunks.get(chunk, PAGES + page(hpa));
    if ((tag & KEY_BITS) == key) {
      chunks.set(chunk, PAGES + page(hpa), tag & ~DIRTY);
    }
  }

  /** Writes all dirty lines back (TDH.PHYMEM.CACHE.WB). */
  public void writeBackAll() {
    for (long chunk : chunkOf.values()) {
      for (int page = 0; page < PAGES; page++) {
        chunks.set(chunk, PAGES + page, chunks.get(chunk, PAGES + page) & ~DIRTY);
      }
    }
  }

  /** Returns whether caches may hold lines of the page that were written with a private key. */
  public boolean isDirty(long hpa) {
    return (chunks.get(chunk(hpa), PAGES + page(hpa)) & DIRTY) != 0;
  }

  /** Returns how often a page was read with another key than the one that wrote it. */
  public long foreignReads() {
    return foreignReads.get();
  }

  /** Returns how often the host wrote a page whose private lines were not written back. */
  public long staleLineHazards() {
    return staleLineHazards.get();
  }

  /** Gives all memory back. */
  public void close() {
    chunkOf.values().forEach(chunks::free);
    chunkOf.clear();
  }

  private long chunk(long hpa) {
    return chunkOf.computeIfAbsent(hpa >>> 21, unused -> chunks.allocate());
  }

  private static int page(long hpa) {
    return (int) (hpa >>> 12) & (PAGES - 1);
  }
}
