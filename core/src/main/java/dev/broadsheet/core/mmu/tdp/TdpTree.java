package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.spte.SpteLayout;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One tree of page tables: its entry format, its tables and headers, its roots.
 *
 * <p>A table is an object of 4096 bytes, 512 words; its header one of 184 bytes and whatever words
 * a strategy reserved. The frame field of a non-leaf entry holds the table's handle, which fits its
 * 40 bits. From a table to its header leads what the kernel keeps in the page's {@code private}
 * word.
 */
public final class TdpTree {
  private final boolean mirror;
  private final SpteLayout layout;
  private final int rootLevel;
  private final long gfnBits;
  private final ObjectCache tables;
  private final KernelMemory memory;
  private ObjectCache headers;
  private int headerWords = TableHeader.WORDS;

  /** {@code page_private} of every table page, by handle / 512. */
  private volatile long[] pagePrivate = new long[64];

  /** Software bits that a strategy holds in every entry. */
  private long keep;

  private volatile long root;
  private long[] invalidRoots = new long[0];
  private @Nullable SpteWriter writer;

  /**
   * Creates a tree without tables.
   *
   * @param memory where tables come from
   * @param mirror whether it mirrors the Secure EPT
   * @param layout the format of its entries
   * @param rootLevel level of the root's entries, 4 or 5
   * @param gfnBits what is set in every gfn when the tree is walked: the shared bit of a TD's
   *     direct tree
   */
  TdpTree(KernelMemory memory, boolean mirror, SpteLayout layout, int rootLevel, long gfnBits) {
    this.memory = memory;
    this.mirror = mirror;
    this.layout = layout;
    this.rootLevel = rootLevel;
    this.gfnBits = gfnBits;
    this.tables = memory.cache(mirror ? "mmu.table.mirror" : "mmu.table.direct", 4096);
    this.headers = memory.cache(headerLabel(), TableHeader.BYTES);
  }

  private String headerLabel() {
    return mirror ? "mmu.header.mirror" : "mmu.header.direct";
  }

  void writeBy(SpteWriter chosen) {
    this.writer = chosen;
  }

  SpteWriter writer() {
    return Objects.requireNonNull(writer, "the tree has no writer yet");
  }

  /** Returns whether the tree mirrors the Secure EPT. */
  public boolean isMirror() {
    return mirror;
  }

  /** Returns the format of the entries. */
  public SpteLayout layout() {
    return layout;
  }

  /** Returns the level of the root's entries. */
  public int rootLevel() {
    return rootLevel;
  }

  /** Returns what is set in every gfn when the tree is walked. */
  public long gfnBits() {
    return gfnBits;
  }

  /** Returns the cache of tables. */
  ObjectCache tables() {
    return tables;
  }

  /** Returns the cache of headers. */
  ObjectCache headers() {
    return headers;
  }

  /** Returns the size of a header in bytes, reserved words included. */
  public int headerBytes() {
    return headerWords * Long.BYTES;
  }

  /** Grows every header; only before the first one exists. */
  int reserveHeaderWords(int words) {
    int first = headerWords;
    headerWords += words;
    headers = memory.cache(headerLabel(), headerWords * Long.BYTES);
    return first;
  }

  /** Returns the software bits that a strategy holds. */
  public long keep() {
    return keep;
  }

  void keep(long mask) {
    this.keep = mask;
  }

  /** Returns the valid root, or 0. */
  public long root() {
    return root;
  }

  void root(long table) {
    this.root = table;
  }

  /** Returns the number of obsolete roots that still have tables. */
  int invalidRootCount() {
    return invalidRoots.length;
  }

  long invalidRoot(int i) {
    return invalidRoots[i];
  }

  /** Marks the valid root obsolete. */
  void invalidateRoot() {
    long table = root;
    if (table == 0) {
      return;
    }
    long header = header(table);
    long role = headers.get(header, TableHeader.ROLE);
    headers.set(header, TableHeader.ROLE, withRole(role, PageRole.invalid((int) (role >>> 32))));
    long[] more = Arrays.copyOf(invalidRoots, invalidRoots.length + 1);
    more[invalidRoots.length] = table;
    invalidRoots = more;
    root = 0;
  }

  void forgetInvalidRoot(long table) {
    invalidRoots = Arrays.stream(invalidRoots).filter(other -> other != table).toArray();
  }

  /** Loads an entry; acquires. */
  public long get(long table, int index) {
    return tables.get(table, index);
  }

  /** Returns the position of a gfn in a table of {@code level}. */
  int index(long gfn, int level) {
    return (int) ((gfn | gfnBits) >>> (9 * (level - 1))) & (Spte.ENTRIES - 1);
  }

  /** Returns the header of a table. */
  long header(long table) {
    return pagePrivate[(int) (table >>> 9)];
  }

  /**
   * Joins a table and a header. Relies on: tables are 512 words long and packed, so handles are
   * multiples of 512.
   */
  void adopt(long table, long header, int role, long gfn, long external, long parentEntry) {
    headers.setPlain(header, TableHeader.ROLE, (long) role << 32);
    headers.setPlain(header, TableHeader.GFN, gfn);
    headers.setPlain(header, TableHeader.TABLE, table);
    headers.setPlain(header, TableHeader.PARENT, parentEntry);
    headers.set(header, TableHeader.EXTERNAL, external);
    setPagePrivate((int) (table >>> 9), header);
  }

  private synchronized void setPagePrivate(int page, long header) {
    long[] directory = pagePrivate;
    if (page >= directory.length) {
      directory = Arrays.copyOf(directory, Math.max(page + 1, 2 * directory.length));
      directory[page] = header;
      pagePrivate = directory;
    } else {
      directory[page] = header;
    }
  }

  /** Returns the role of a table. */
  int role(long table) {
    return (int) (headers.get(header(table), TableHeader.ROLE) >>> 32);
  }

  private static long withRole(long word, int role) {
    return (word & 0xffff_ffffL) | ((long) role << 32);
  }

  /** Returns the level of a table's entries. */
  int level(long table) {
    return PageRole.level(role(table));
  }

  /** Returns the first gfn that a table covers, without the shared bit. */
  long baseGfn(long table) {
    return headers.get(header(table), TableHeader.GFN);
  }

  /** Returns the S-EPT page beside a mirror table. */
  long external(long table) {
    return headers.get(header(table), TableHeader.EXTERNAL);
  }

  boolean hasFlag(long table, long flag) {
    return (headers.get(header(table), TableHeader.ROLE) & flag) != 0;
  }

  void setFlag(long table, long flag, boolean on) {
    long header = header(table);
    long word = headers.get(header, TableHeader.ROLE);
    headers.set(header, TableHeader.ROLE, on ? word | flag : word & ~flag);
  }

  /** Frees a table and its header after the grace period. */
  void freeAfterGrace(long table) {
    headers.freeAfterGrace(header(table));
    tables.freeAfterGrace(table);
  }

  /** Frees a table that was never visible. */
  void freeNow(long table) {
    headers.free(header(table));
    tables.free(table);
  }

  /** Returns tables that exist, linked or in vCPU caches. */
  public long liveTables() {
    return tables.live();
  }
}
