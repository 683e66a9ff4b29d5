package dev.broadsheet.core.memory;

import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.memory.ObjectCache;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * Objects of a machine of one thread: all lie in one array, and a handle is the index of the first
 * word. What {@link PlainCache} needs for threads that read while the cache grows, a directory of
 * chunks, costs two loads more on every access, each waiting for the one before; here the array is
 * replaced by a larger one.
 *
 * <p>Objects lie as SLUB packs them ({@link SlabLayout}). The first begins at the first line that
 * is not nearer to 0 than an object is long, so that no handle is 0 and pages begin at pages. A
 * free object keeps the next one in its first word.
 *
 * <p>At most 16 GiB of objects; one more is an allocation that fails. While it grows the old and
 * the new array exist side by side: an xarray with every page of 1 TiB, 2.4 GB, wants 12 GB of
 * heap.
 */
final class FlatCache implements ObjectCache {
  private static final int LINE_WORDS = 8;
  private static final int MOST_WORDS = Integer.MAX_VALUE - 8;

  /** It grows by an eighth, so that little of it is unused and little time is spent on copying. */
  private static final int GROWTH_SHIFT = 3;

  private final String label;
  private final SlabLayout layout;
  private final Rcu rcu;
  private final LongConsumer reclaim = this::reclaim;
  private final int words;
  private final int slabWords;
  private long[] memory = new long[0];
  private long freeHead;
  private long live;
  private long awaiting;

  /** First word of the slab whose objects are handed out; the first slab behind the last one. */
  private int freshSlab;

  /** Objects of that slab that were handed out. */
  private int freshObject;

  FlatCache(String label, int objectBytes, Rcu rcu) {
    this.label = label;
    this.layout = SlabLayout.of(objectBytes);
    this.rcu = rcu;
    this.words = objectBytes / Long.BYTES;
    this.slabWords = layout.slabBytes() / Long.BYTES;
    this.freshSlab = (words + LINE_WORDS - 1) & -LINE_WORDS;
  }

  @Override
  public int objectBytes() {
    return layout.objectBytes();
  }

  @Override
  public long allocate() {
    long handle = freeHead;
    if (handle == 0) {
      handle = fresh();
    } else {
      freeHead = memory[(int) handle];
      Arrays.fill(memory, (int) handle, (int) handle + words, 0);
    }
    live++;
    return handle;
  }

  @Override
  public long get(long handle, int word) {
    return memory[at(handle, word)];
  }

  @Override
  public void set(long handle, int word, long value) {
    memory[at(handle, word)] = value;
  }

  @Override
  public long getPlain(long handle, int word) {
    return memory[at(handle, word)];
  }

  @Override
  public void setPlain(long handle, int word, long value) {
    memory[at(handle, word)] = value;
  }

  @Override
  public boolean compareAndSet(long handle, int word, long expected, long value) {
    long[] all = memory;
    int at = at(handle, word);
    if (all[at] != expected) {
      return false;
    }
    all[at] = value;
    return true;
  }

  @Override
  public long getAndAdd(long handle, int word, long delta) {
    long[] all = memory;
    int at = at(handle, word);
    long before = all[at];
    all[at] = before + delta;
    return before;
  }

  @Override
  public void fill(long handle, int from, int to, long value) {
    Objects.checkFromToIndex(from, to, words);
    Arrays.fill(memory, (int) handle + from, (int) handle + to, value);
  }

  @Override
  public int mismatch(long handle, int from, int to, long value) {
    Objects.checkFromToIndex(from, to, words);
    long[] all = memory;
    int first = (int) handle;
    int word = from;
    while (word < to && all[first + word] == value) {
      word++;
    }
    return word;
  }

  @Override
  public void free(long handle) {
    push(handle);
    live--;
  }

  @Override
  public void freeAfterGrace(long handle) {
    awaiting++;
    live--;
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

  /**
   * Narrows the sum rather than the handle: then the compiler adds a caller's constants in one
   * step, three instructions less on every access.
   */
  private static int at(long handle, int word) {
    return (int) (handle + word);
  }

  private void reclaim(long handle) {
    push(handle);
    awaiting--;
  }

  private void push(long handle) {
    memory[(int) handle] = freeHead;
    freeHead = handle;
  }

  private long fresh() {
    if (freshObject == 0) {
      reachBehind((long) freshSlab + slabWords);
    }
    int handle = freshSlab + freshObject * words;
    if (++freshObject == layout.objectsPerSlab()) {
      freshObject = 0;
      freshSlab += slabWords;
    }
    return handle;
  }

  private void reachBehind(long end) {
    if (end > MOST_WORDS) {
      throw new KernelOutOfMemoryException(label, layout.objectBytes());
    }
    if (end > memory.length) {
      long larger = Math.max(end, memory.length + (memory.length >>> GROWTH_SHIFT));
      memory = Arrays.copyOf(memory, (int) Math.min(larger, MOST_WORDS));
    }
  }
}
