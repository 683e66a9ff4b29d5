package dev.broadsheet.core.memory;

import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.memory.ObjectCache;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * Objects in slabs, slabs in chunks of Java memory.
 *
 * <pre>
 *   handle    39 ........... 15 | 14 ....... 0
 *             chunk, from 1     | first word of the object in the chunk
 * </pre>
 *
 * <p>Inside a chunk objects lie as SLUB packs them ({@link SlabLayout}), so {@code 8 * handle} is
 * an address that shares its lines with the neighbours that it would have in the kernel. Chunk 0 is
 * empty: the handle 0 reaches nothing.
 *
 * <p>A free object keeps the next one in its first word; the list's head carries a tag that changes
 * with every push and pop, so that a head that came back is not mistaken for one that never left.
 */
final class PlainCache implements ObjectCache {
  private static final int HANDLE_BITS = 40;
  private static final long HANDLE_MASK = (1L << HANDLE_BITS) - 1;
  private static final long TAG_ONE = 1L << HANDLE_BITS;

  /**
   * A chunk has up to 256 KiB. A constant, and no larger, for three reasons: an access then loads
   * the directory and nothing else of this object; the lengths of all chunks of a large cache,
   * which Java checks, stay in the processor's caches; and no garbage collector treats the chunk as
   * huge.
   */
  private static final int CHUNK_SHIFT = 15;

  private static final int CHUNK_MASK = (1 << CHUNK_SHIFT) - 1;

  /** The first chunk has 64 KiB, the second twice that: little for a cache that stays small. */
  private static final int FIRST_CHUNK_SHIFT = 13;

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle FREE_HEAD;
  private static final VarHandle LIVE;
  private static final VarHandle AWAITING;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      FREE_HEAD = lookup.findVarHandle(PlainCache.class, "freeHead", long.class);
      LIVE = lookup.findVarHandle(PlainCache.class, "live", long.class);
      AWAITING = lookup.findVarHandle(PlainCache.class, "awaiting", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final String label;
  private final SlabLayout layout;
  private final Rcu rcu;
  private final LongConsumer reclaim = this::reclaim;
  private final int words;
  private final int slabWords;

  /**
   * Replaced when it grows. Relies on: whoever has a handle got it through an acquire that pairs
   * with the release by which it was published, and so sees a directory that reaches it.
   */
  private long[][] chunks = {new long[0]};

  private volatile long freeHead;
  private volatile long live;
  private volatile long awaiting;

  // Objects never given out yet, and the chunks they lie in; guarded by this.
  private int lastChunk;
  private int freshChunk;
  private int freshSlab;
  private int freshObject;

  PlainCache(String label, int objectBytes, Rcu rcu) {
    this.label = label;
    this.layout = SlabLayout.of(objectBytes);
    this.rcu = rcu;
    this.words = objectBytes / Long.BYTES;
    this.slabWords = layout.slabBytes() / Long.BYTES;
  }

  @Override
  public int objectBytes() {
    return layout.objectBytes();
  }

  @Override
  public long allocate() {
    long handle = pop();
    if (handle != 0) {
      long[] chunk = chunk(handle);
      int first = offset(handle, 0);
      Arrays.fill(chunk, first, first + words, 0);
    } else {
      handle = fresh();
    }
    LIVE.getAndAdd(this, 1L);
    return handle;
  }

  @Override
  public long get(long handle, int word) {
    return (long) WORD.getAcquire(chunk(handle), offset(handle, word));
  }

  @Override
  public void set(long handle, int word, long value) {
    WORD.setRelease(chunk(handle), offset(handle, word), value);
  }

  @Override
  public long getPlain(long handle, int word) {
    return chunk(handle)[offset(handle, word)];
  }

  @Override
  public void setPlain(long handle, int word, long value) {
    chunk(handle)[offset(handle, word)] = value;
  }

  @Override
  public boolean compareAndSet(long handle, int word, long expected, long value) {
    return WORD.compareAndSet(chunk(handle), offset(handle, word), expected, value);
  }

  @Override
  public long getAndAdd(long handle, int word, long delta) {
    return (long) WORD.getAndAdd(chunk(handle), offset(handle, word), delta);
  }

  @Override
  public void fill(long handle, int from, int to, long value) {
    Objects.checkFromToIndex(from, to, words);
    Arrays.fill(chunk(handle), offset(handle, from), offset(handle, to), value);
  }

  @Override
  public int mismatch(long handle, int from, int to, long value) {
    Objects.checkFromToIndex(from, to, words);
    long[] chunk = chunk(handle);
    int first = offset(handle, 0);
    int word = from;
    while (word < to && chunk[first + word] == value) {
      word++;
    }
    return word;
  }

  @Override
  public void free(long handle) {
    push(handle);
    LIVE.getAndAdd(this, -1L);
  }

  @Override
  public void freeAfterGrace(long handle) {
    AWAITING.getAndAdd(this, 1L);
    LIVE.getAndAdd(this, -1L);
    rcu.call(reclaim, handle);
  }

  @Override
  public long live() {
    return live;
  }

  @Override
  public long awaiting() {
    return awaiting;
  }

  private void reclaim(long handle) {
    push(handle);
    AWAITING.getAndAdd(this, -1L);
  }

  private long[] chunk(long handle) {
    return chunks[(int) (handle >>> CHUNK_SHIFT)];
  }

  private int offset(long handle, int word) {
    return ((int) handle & CHUNK_MASK) + word;
  }

  private long pop() {
    while (true) {
      long head = freeHead;
      long handle = head & HANDLE_MASK;
      if (handle == 0) {
        return 0;
      }
      // Another thread may own the object by now and its word be anything: then the tag differs.
      long next = (long) WORD.getAcquire(chunk(handle), offset(handle, 0)) & HANDLE_MASK;
      long replaced = ((head & ~HANDLE_MASK) + TAG_ONE) | next;
      if (FREE_HEAD.compareAndSet(this, head, replaced)) {
        return handle;
      }
    }
  }

  private void push(long handle) {
    long[] chunk = chunk(handle);
    int first = offset(handle, 0);
    while (true) {
      long head = freeHead;
      WORD.setRelease(chunk, first, head & HANDLE_MASK);
      long replaced = ((head & ~HANDLE_MASK) + TAG_ONE) | handle;
      if (FREE_HEAD.compareAndSet(this, head, replaced)) {
        return;
      }
    }
  }

  private synchronized long fresh() {
    if (freshChunk == 0) {
      freshChunk = addChunk();
    }
    long handle =
        ((long) freshChunk << CHUNK_SHIFT) | (freshSlab * slabWords + freshObject * words);
    if (++freshObject == layout.objectsPerSlab()) {
      freshObject = 0;
      if (++freshSlab == chunkWords(freshChunk) / slabWords) {
        freshSlab = 0;
        freshChunk = 0;
      }
    }
    return handle;
  }

  /** Returns the size of a chunk, a power of two that holds at least one slab. */
  private int chunkWords(int number) {
    int shift = Math.min(CHUNK_SHIFT, FIRST_CHUNK_SHIFT + number - 1);
    return Math.max(1 << shift, slabWords);
  }

  private int addChunk() {
    int number = lastChunk + 1;
    if (number >= 1 << (HANDLE_BITS - CHUNK_SHIFT)) {
      throw new KernelOutOfMemoryException(label, layout.objectBytes());
    }
    long[] chunk = new long[chunkWords(number)];
    long[][] directory = chunks;
    if (number >= directory.length) {
      directory = Arrays.copyOf(directory, Math.max(8, 2 * directory.length));
    }
    // A reader of an older handle may see the new directory early: it must not see it empty.
    VarHandle.releaseFence();
    directory[number] = chunk;
    chunks = directory;
    lastChunk = number;
    return number;
  }
}
