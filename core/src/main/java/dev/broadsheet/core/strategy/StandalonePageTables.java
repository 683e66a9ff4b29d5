package dev.broadsheet.core.strategy;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.UnmetRequirementException;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.memory.ObjectCache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Page tables without an MMU: nothing is ever mapped in them, they carry the reserved bits of
 * strategies that keep their truth there. For embedding, for the conformance rules, and for tests.
 *
 * <p>Two kinds of objects, as in the kernel: tables of 4096 bytes, and headers of 184 bytes plus
 * what was reserved ({@code kvm_mmu_page}). A table's handle in the port is that of its header.
 *
 * <pre>{@code
 * entry        child's header << 16 | reserved bits          child 0: nothing below
 *
 * header  0    the 4096 bytes
 *         1    parent's header, 0 for a root
 *         2    index in the parent | level << 16 | 1 << 24 in the mirror
 *         3    first gfn
 *         4    pins
 *         5    entries that have a table below
 *         10   the 8 idle words (unsync_child_bitmap)
 *         23   reserved words
 * }</pre>
 *
 * <p>Entries of a new table get the reserved bits of the entry above before they can be seen. A
 * root table comes with the first need, and goes when its last pin is taken back and it says
 * nothing.
 *
 * <p>Reads are safe from any thread inside an RCU read section; changes belong to one thread at a
 * time ({@code slots_lock}); there are no faults that could race with them.
 */
public final class StandalonePageTables implements PageTables {
  /**
   * Bits that are free in every kind of entry in a portable way (55, 59, 62 and, where no feature
   * needs it, 60).
   */
  public static final int FREE_BITS = 4;

  private static final int TABLE_BYTES = 4096;
  private static final int HEADER_BYTES = 184;
  private static final int ENTRIES = 512;
  private static final int CHILD_SHIFT = 16;
  private static final long BITS = (1L << CHILD_SHIFT) - 1;

  private static final int SPT = 0;
  private static final int PARENT = 1;
  private static final int PLACE = 2;
  private static final int GFN = 3;
  private static final int PINS = 4;
  private static final int CHILDREN = 5;
  private static final int IDLE = 10;
  private static final int IDLE_WORDS = 8;
  private static final int OWN = HEADER_BYTES / Long.BYTES;

  private static final int LEVEL_SHIFT = 16;
  private static final long MIRROR = 1L << 24;

  /** One for all stores, and knows none: a thread outlives them. */
  private static final ThreadLocal<FoundPath> WALKS = ThreadLocal.withInitial(FoundPath::new);

  private final KernelMemory memory;
  private final PageLevel rootLevel;
  private final boolean twoTrees;
  private final int freeBits;
  private final List<String> bitNames = new ArrayList<>();
  private final List<Listener> listeners = new ArrayList<>();
  private @Nullable ObjectCache tables;
  private @Nullable ObjectCache headers;
  private int idleWords;
  private int ownWords;
  private volatile long mirrorRoot;
  private volatile long directRoot;

  /**
   * Creates page tables without tables.
   *
   * @param memory where tables and headers come from
   * @param rootLevel level of the entries of root tables: 512G or 256T
   * @param twoTrees whether private and shared pages have trees of their own
   * @param freeBits how many software bits may be reserved, up to 16; {@link #FREE_BITS} usually
   */
  public StandalonePageTables(
      KernelMemory memory, PageLevel rootLevel, boolean twoTrees, int freeBits) {
    if (freeBits < 0 || freeBits > CHILD_SHIFT) {
      throw new IllegalArgumentException(freeBits + " free bits; give 0 to " + CHILD_SHIFT);
    }
    this.memory = memory;
    this.rootLevel = rootLevel;
    this.twoTrees = twoTrees;
    this.freeBits = freeBits;
  }

  @Override
  public boolean hasTwoTrees() {
    return twoTrees;
  }

  @Override
  public PageLevel rootLevel() {
    return rootLevel;
  }

  @Override
  public int reserveBit(String name) {
    requireNoTables("a software bit");
    if (bitNames.size() == freeBits) {
      throw new UnmetRequirementException(
          "no software bit is left for %s: %s are taken, %d are legal in every kind of entry"
              .formatted(name, bitNames, freeBits));
    }
    bitNames.add(name);
    return bitNames.size() - 1;
  }

  @Override
  public int reserveHeaderWords(String name, int words, HeaderSpace space) {
    requireNoTables("words of the header");
    if (words < 1) {
      throw new IllegalArgumentException(words + " header words for " + name + "; give 1 or more");
    }
    if (space == HeaderSpace.OWN) {
      ownWords += words;
      return OWN + ownWords - words;
    }
    if (idleWords + words > IDLE_WORDS) {
      throw new UnmetRequirementException(
          "%s wants %d idle words of the header; %d are left"
              .formatted(name, words, IDLE_WORDS - idleWords));
    }
    idleWords += words;
    return IDLE + idleWords - words;
  }

  private void requireNoTables(String what) {
    if (headers != null) {
      throw new IllegalStateException(what + " can be reserved only before the first table exists");
    }
  }

  @Override
  public void listen(Listener listener) {
    listeners.add(listener);
  }

  @Override
  public Walk walk(Tree tree, long gfn) {
    return WALKS.get().follow(this, root(tree), gfn);
  }

  @Override
  public long find(Tree tree, long gfn, PageLevel level) {
    long table = root(tree);
    PageLevel at = rootLevel;
    while (table != 0 && at != level) {
      table = child(table, at.index(gfn));
      at = at.below();
    }
    return table;
  }

  @Override
  public long require(Tree tree, long gfn, PageLevel level) {
    if (!reaches(gfn)) {
      throw new IllegalArgumentException(
          "gfn 0x%x has no entry; tables end at 0x%x".formatted(gfn, reach()));
    }
    long table = requireRoot(tree);
    for (PageLevel at = rootLevel; at != level; at = at.below()) {
      int index = at.index(gfn);
      long child = child(table, index);
      table = child != 0 ? child : link(tree, table, index, at.below(), at.roundDown(gfn));
    }
    return table;
  }

  private long requireRoot(Tree tree) {
    long root = root(tree);
    if (root == 0) {
      root = allocate(tree, 0, 0, rootLevel, 0);
      if (tree == Tree.MIRROR && twoTrees) {
        mirrorRoot = root;
      } else {
        directRoot = root;
      }
    }
    return root;
  }

  private long root(Tree tree) {
    return tree == Tree.MIRROR && twoTrees ? mirrorRoot : directRoot;
  }

  private long link(Tree tree, long parent, int index, PageLevel level, long gfn) {
    long table = allocate(tree, parent, index, level, gfn);
    long bits = entry(parent, index) & BITS;
    if (bits != 0) {
      tables().fill(spt(table), 0, ENTRIES, bits);
    }
    tables().set(spt(parent), index, table << CHILD_SHIFT | bits);
    headers().getAndAdd(parent, CHILDREN, 1);
    for (Listener listener : listeners) {
      listener.linked(tree, table, gfn, level);
    }
    return table;
  }

  private long allocate(Tree tree, long parent, int index, PageLevel level, long gfn) {
    ObjectCache all = headers();
    long header = all.allocate();
    try {
      all.setPlain(header, SPT, tables().allocate());
    } catch (KernelOutOfMemoryException e) {
      all.free(header);
      throw e;
    }
    all.setPlain(header, PARENT, parent);
    all.setPlain(
        header,
        PLACE,
        index | (long) level.number() << LEVEL_SHIFT | (tree == Tree.MIRROR ? MIRROR : 0));
    all.setPlain(header, GFN, gfn);
    return header;
  }

  private ObjectCache headers() {
    ObjectCache made = headers;
    if (made == null) {
      made = memory.cache("page_header", HEADER_BYTES + ownWords * Long.BYTES);
      headers = made;
    }
    return made;
  }

  private ObjectCache tables() {
    ObjectCache made = tables;
    if (made == null) {
      made = memory.cache("page_table", TABLE_BYTES);
      tables = made;
    }
    return made;
  }

  @Override
  public boolean reaches(long gfn) {
    return gfn < reach();
  }

  /** Returns the first gfn beyond the tables: 2^36 with 4 levels, 2^45 with 5. */
  private long reach() {
    return rootLevel.pages() * ENTRIES;
  }

  @Override
  public int bits(long table, int index) {
    return (int) (entry(table, index) & BITS);
  }

  @Override
  public int updateBits(long table, int index, int clear, int set) {
    if ((clear | set) >>> bitNames.size() != 0) {
      throw new IllegalArgumentException(
          "bits 0x%x; %d are reserved".formatted(clear | set, bitNames.size()));
    }
    long spt = spt(table);
    while (true) {
      long old = tables().get(spt, index);
      long changed = (old & ~(long) clear) | set;
      if (changed == old || tables().compareAndSet(spt, index, old, changed)) {
        return (int) (old & BITS);
      }
    }
  }

  @Override
  public boolean isLeaf(long table, int index) {
    return false;
  }

  @Override
  public long child(long table, int index) {
    return entry(table, index) >>> CHILD_SHIFT;
  }

  @Override
  public long headerWord(long table, int word) {
    return headers().get(table, word);
  }

  @Override
  public void setHeaderWord(long table, int word, long value) {
    headers().set(table, word, value);
  }

  @Override
  public void pin(long table) {
    headers().getAndAdd(table, PINS, 1);
  }

  @Override
  public void unpin(long table) {
    long pins = headers().getAndAdd(table, PINS, -1);
    if (pins <= 0) {
      throw new IllegalStateException("a table was unpinned more often than pinned");
    }
    if (pins == 1 && headers().get(table, PARENT) == 0) {
      freeRootIfIdle(table);
    }
  }

  private void freeRootIfIdle(long root) {
    long spt = spt(root);
    if (tables().mismatch(spt, 0, ENTRIES, 0) == ENTRIES) {
      if (root == directRoot) {
        directRoot = 0;
      } else {
        mirrorRoot = 0;
      }
      tables().freeAfterGrace(spt);
      headers().freeAfterGrace(root);
    }
  }

  @Override
  public boolean tryFold(long table) {
    ObjectCache all = headers();
    long parent = all.get(table, PARENT);
    if (parent == 0 || all.get(table, PINS) != 0 || all.get(table, CHILDREN) != 0) {
      return false;
    }
    long spt = spt(table);
    long bits = tables().get(spt, 0);
    if (tables().mismatch(spt, 1, ENTRIES, bits) != ENTRIES) {
      return false;
    }
    long place = all.get(table, PLACE);
    Tree tree = (place & MIRROR) != 0 ? Tree.MIRROR : Tree.DIRECT;
    PageLevel level = PageLevel.of((int) (place >>> LEVEL_SHIFT) & 0xff);
    for (Listener listener : listeners) {
      listener.unlinked(tree, table, all.get(table, GFN), level);
    }
    tables().set(spt(parent), (int) (place & 0xffff), bits);
    all.getAndAdd(parent, CHILDREN, -1);
    tables().freeAfterGrace(spt);
    all.freeAfterGrace(table);
    return true;
  }

  /** Returns how many tables there are, roots included. */
  public long liveTables() {
    return tables().live();
  }

  /** Returns the names of the reserved bits in their order. */
  public List<String> reservedBits() {
    return List.copyOf(bitNames);
  }

  private long entry(long table, int index) {
    return tables().get(spt(table), index);
  }

  private long spt(long table) {
    return headers().getPlain(table, SPT);
  }

  /** One thread's walk, used again by its next. */
  private static final class FoundPath implements Walk {
    private final long[] tables = new long[PageLevel.values().length + 1];
    private final int[] bits = new int[PageLevel.values().length + 1];
    private PageLevel lowest = PageLevel.PG_LEVEL_4K;
    private long gfn;

    FoundPath follow(StandalonePageTables from, long root, long gfn) {
      this.gfn = gfn;
      Arrays.fill(tables, 0);
      Arrays.fill(bits, 0);
      PageLevel level = from.rootLevel;
      lowest = level;
      long table = root;
      while (table != 0) {
        lowest = level;
        long entry = from.entry(table, level.index(gfn));
        tables[level.number()] = table;
        bits[level.number()] = (int) (entry & BITS);
        table = entry >>> CHILD_SHIFT;
        if (table != 0) {
          level = level.below();
        }
      }
      return this;
    }

    @Override
    public PageLevel lowest() {
      return lowest;
    }

    @Override
    public long table(PageLevel level) {
      return tables[level.number()];
    }

    @Override
    public int index(PageLevel level) {
      return tables[level.number()] == 0 ? 0 : level.index(gfn);
    }

    @Override
    public int bits(PageLevel level) {
      return bits[level.number()];
    }
  }
}
