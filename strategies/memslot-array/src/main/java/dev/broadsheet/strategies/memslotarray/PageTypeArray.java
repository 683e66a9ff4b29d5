package dev.broadsheet.strategies.memslotarray;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelMemory;

/**
 * The page types of one level of one memslot; index in units of the level, from the first block
 * that the slot touches.
 *
 * <pre>{@code
 * code      0 invalid   1 shared   2 private   3 mixed
 * 32, 8     one code per element
 * 2 bits    4 codes per byte, the first in the lowest bits
 * 1 bit     8 pages per byte: clear shared, set private; nothing else can be said
 * }</pre>
 *
 * <p>{@link #get} is safe at any time and sees old or new; writers are serialized. A new array says
 * invalid everywhere, or shared where there is one bit.
 */
final class PageTypeArray {
  private static final int SHARED = 1;
  private static final int PRIVATE = 2;
  private static final PageType[] BY_CODE = {
    PageType.INVALID, PageType.SHARED, PageType.PRIVATE, PageType.MIXED
  };

  private final KernelArray elements;
  private final long length;
  private final int bits;

  /** log2 of the number of codes in an element of the kernel array. */
  private final int perElementShift;

  private PageTypeArray(KernelArray elements, long length, int bits, int perElementShift) {
    this.elements = elements;
    this.length = length;
    this.bits = bits;
    this.perElementShift = perElementShift;
  }

  /**
   * Allocates an array.
   *
   * @param pages whether it is that of 4K pages
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException if there is no memory
   */
  static PageTypeArray allocate(
      KernelMemory memory, String label, Encoding encoding, boolean pages, long length) {
    int bits = encoding.bits(pages);
    int elementBits = 8 * encoding.width.bytes();
    int shift = Integer.numberOfTrailingZeros(elementBits / bits);
    long elements = (length + (1L << shift) - 1) >>> shift;
    return new PageTypeArray(memory.array(label, encoding.width, elements), length, bits, shift);
  }

  /** Returns the number of page types. */
  long length() {
    return length;
  }

  /** Returns one page type. One load. */
  PageType get(long index) {
    return BY_CODE[codeAt(index)];
  }

  /** Returns whether a block is shared or private. One load. */
  boolean isPure(long index) {
    return ((codeAt(index) - SHARED) & ~1) == 0; // the two follow each other: one comparison
  }

  /**
   * Returns the attributes of a page that is shared or private. One load, and no branch: which page
   * of a guest is private no processor foresees, and a wrong guess would end what it does ahead.
   */
  int attributes(long index) {
    return (codeAt(index) >>> 1) * PageAttributes.PRIVATE;
  }

  /** Returns the code of one page type, also where one bit stands for it. One load. */
  private int codeAt(long index) {
    if (perElementShift == 0) {
      return (int) elements.get(index);
    }
    long element = elements.get(index >>> perElementShift);
    int stored = (int) (element >>> shiftOf(index)) & mask();
    return bits == 1 ? stored + SHARED : stored;
  }

  /** Stores one page type. */
  void set(long index, PageType type) {
    if (perElementShift == 0) {
      elements.set(index, code(type));
      return;
    }
    long at = index >>> perElementShift;
    int shift = shiftOf(index);
    long others = elements.getPlain(at) & ~((long) mask() << shift);
    elements.set(at, others | (long) code(type) << shift);
  }

  /** Stores one page type in all of {@code [from, to)}. */
  void fill(long from, long to, PageType type) {
    long first = firstWhole(from);
    long last = to >>> perElementShift;
    if (first >= last) {
      fillOneByOne(from, to, type);
      return;
    }
    fillOneByOne(from, first << perElementShift, type);
    elements.fill(first, last, repeated(type));
    fillOneByOne(last << perElementShift, to, type);
  }

  /** Returns the first index in {@code [from, to)} that holds another type, or {@code to}. */
  long mismatch(long from, long to, PageType type) {
    long first = firstWhole(from);
    long last = to >>> perElementShift;
    if (first >= last) {
      return mismatchOneByOne(from, to, type);
    }
    long start = first << perElementShift;
    long found = mismatchOneByOne(from, start, type);
    if (found < start) {
      return found;
    }
    long element = elements.mismatch(first, last, repeated(type));
    return mismatchOneByOne(element << perElementShift, to, type);
  }

  /** Frees the memory. */
  void free() {
    elements.free();
  }

  private long firstWhole(long index) {
    return (index + (1L << perElementShift) - 1) >>> perElementShift;
  }

  private void fillOneByOne(long from, long to, PageType type) {
    for (long i = from; i < to; i++) {
      set(i, type);
    }
  }

  private long mismatchOneByOne(long from, long to, PageType type) {
    long i = from;
    while (i < to && get(i) == type) {
      i++;
    }
    return i;
  }

  private int shiftOf(long index) {
    return ((int) index & ((1 << perElementShift) - 1)) * bits;
  }

  private int mask() {
    return (1 << bits) - 1;
  }

  /** Returns the code that is stored for a type. */
  private int code(PageType type) {
    int code =
        switch (type) {
          case INVALID -> 0;
          case SHARED -> SHARED;
          case PRIVATE -> PRIVATE;
          case MIXED -> 3;
        };
    if (bits > 1) {
      return code;
    }
    if (type != PageType.SHARED && type != PageType.PRIVATE) {
      throw new IllegalStateException("a 4K page cannot be " + type + "; shared or private");
    }
    return code - SHARED;
  }

  /** Returns an element whose codes all say {@code type}. */
  private long repeated(PageType type) {
    long element = 0;
    for (int i = 0; i < 1 << perElementShift; i++) {
      element |= (long) code(type) << (i * bits);
    }
    return element;
  }
}
