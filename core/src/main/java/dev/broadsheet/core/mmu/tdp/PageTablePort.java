package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.UnmetRequirementException;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.spte.SpteLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The MMU's side of the port for strategies that keep their truth in entries and headers.
 *
 * <p>Reserved bits are the tree's {@code keep} mask: every writer carries them from the old value
 * to the new. Handles of mirror tables carry a tag, for the two trees' tables come from caches of
 * their own.
 *
 * <p>Tables are made and split with {@code mmu_lock} held for write; the port takes it unless the
 * caller holds it already. Memory for them comes from a stock of the port's own, topped up before
 * the lock is taken, or with it held if the caller holds it.
 */
public final class PageTablePort implements PageTables {
  /** Marks handles of the mirror tree; handles themselves are below 2^40. */
  static final long MIRROR_TAG = 1L << 41;

  /** One for all ports, and knows none: a thread outlives machines and must not keep them. */
  private static final ThreadLocal<PortWalk> WALKS = ThreadLocal.withInitial(PortWalk::new);

  private final TdpMmu mmu;
  private final VcpuCaches stock;
  private final TdpIterator it;
  private final List<String> bitNames = new ArrayList<>();
  private long[] bitMasks = new long[0];
  private long keep;
  private int idleWordsUsed;

  /** Creates the port of an MMU. */
  public PageTablePort(TdpMmu mmu, KernelMemory memory, @Nullable ExternalTables external) {
    this.mmu = mmu;
    this.stock = new VcpuCaches(memory, mmu.direct(), mmu.mirror(), external);
    this.it = new TdpIterator(mmu.direct());
  }

  @Override
  public boolean hasTwoTrees() {
    return mmu.mirror() != null;
  }

  @Override
  public PageLevel rootLevel() {
    return PageLevel.of(mmu.direct().rootLevel());
  }

  @Override
  public int reserveBit(String name) {
    requireNoTables("a software bit");
    int number = bitNames.size();
    if (number == Spte.reservableBits()) {
      throw new UnmetRequirementException(
          "no software bit is left for %s: %s are taken; %d are legal in every kind of entry"
              .formatted(name, bitNames, number));
    }
    bitNames.add(name);
    long[] more = new long[number + 1];
    System.arraycopy(bitMasks, 0, more, 0, number);
    more[number] = Spte.reservable(number);
    bitMasks = more;
    keep |= more[number];
    mmu.direct().keep(keep);
    TdpTree mirror = mmu.mirror();
    if (mirror != null) {
      mirror.keep(keep);
    }
    return number;
  }

  /** Returns how many software bits are reserved. */
  public int reservedBits() {
    return bitNames.size();
  }

  /** Returns how many bits of the memslot generation MMIO entries still hold. */
  public int mmioGenerationBits() {
    return SpteLayout.mmioGenerationBits(keep);
  }

  @Override
  public int reserveHeaderWords(String name, int words, HeaderSpace space) {
    requireNoTables("words of the header");
    if (words < 1) {
      throw new IllegalArgumentException(words + " header words for " + name + "; give 1 or more");
    }
    if (space == HeaderSpace.IDLE) {
      if (idleWordsUsed + words > TableHeader.IDLE_WORDS) {
        throw new UnmetRequirementException(
            "%s wants %d idle words of the header; %d are left"
                .formatted(name, words, TableHeader.IDLE_WORDS - idleWordsUsed));
      }
      int first = TableHeader.IDLE_FIRST + idleWordsUsed;
      idleWordsUsed += words;
      return first;
    }
    TdpTree mirror = mmu.mirror();
    if (mirror != null) {
      mirror.reserveHeaderWords(words);
    }
    return mmu.direct().reserveHeaderWords(words);
  }

  private void requireNoTables(String what) {
    if (mmu.roots().hasTables()) {
      throw new IllegalStateException(what + " can be reserved only before the first table exists");
    }
  }

  @Override
  public void listen(Listener listener) {
    mmu.addTableListener(listener);
  }

  @Override
  public int rootIndex(Tree tree, long gfn) {
    TdpTree of = tree(tree);
    return of.index(gfn, of.rootLevel());
  }

  @Override
  public Walk walk(Tree tree, long gfn) {
    return WALKS.get().walk(this, tree(tree), gfn);
  }

  @Override
  public boolean reaches(long gfn) {
    return gfn < mmu.gfnLimit();
  }

  @Override
  public long find(Tree tree, long gfn, PageLevel level) {
    TdpTree of = tree(tree);
    long table = of.root();
    int at = of.rootLevel();
    while (table != 0 && at > level.number()) {
      long spte = of.get(table, of.index(gfn, at));
      table = Spte.isTable(spte, at) ? Spte.pfn(spte) : 0;
      at--;
    }
    return table == 0 || at != level.number() ? 0 : handle(of, table);
  }

  @Override
  public long require(Tree tree, long gfn, PageLevel level) {
    long found = find(tree, gfn, level);
    if (found != 0) {
      return found;
    }
    if (!reaches(gfn)) {
      throw new IllegalArgumentException(
          "gfn 0x%x has no entry; tables end at 0x%x".formatted(gfn, mmu.gfnLimit()));
    }
    boolean held = mmu.lock().isHeldForWrite();
    TdpTree of = tree(tree);
    stock.topUp(of);
    if (!held) {
      mmu.lock().lockWrite();
    }
    try {
      return requireLocked(of, gfn, level.number());
    } finally {
      if (!held) {
        mmu.lock().unlockWrite();
      }
    }
  }

  private long requireLocked(TdpTree of, long gfn, int level) {
    long root = mmu.roots().require(of, stock);
    it.start(of, root, 1, gfn);
    while (it.level() > level) {
      if (!Spte.isTable(it.spte(), it.level())) {
        addTable(of);
      }
      it.next();
    }
    return handle(of, it.table());
  }

  private void addTable(TdpTree of) {
    if (Spte.isPresent(it.spte())) {
      if (of.isMirror()) {
        mmu.privateHugePages().demoteAt(it, stock);
        return;
      }
      mmu.leafZap().zapAt(it);
    }
    long table = mmu.links().newTable(it, stock);
    check(mmu.links().link(it, table));
  }

  private void check(int result) {
    if (result != SpteWriter.WRITTEN) {
      throw new IllegalStateException(
          "entry of gfn 0x%x, level %d, was lost under the write lock"
              .formatted(it.gfn(), it.level()));
    }
  }

  @Override
  public int bits(long table, int index) {
    TdpTree of = treeOf(table);
    return compact(of.get(plain(table), index));
  }

  @Override
  public int updateBits(long table, int index, int clear, int set) {
    TdpTree of = treeOf(table);
    long clearMask = spread(clear);
    long setMask = spread(set);
    while (true) {
      long old = of.get(plain(table), index);
      long now = (old & ~clearMask) | setMask;
      if (now == old || of.tables().compareAndSet(plain(table), index, old, now)) {
        return compact(old);
      }
    }
  }

  @Override
  public boolean isLeaf(long table, int index) {
    TdpTree of = treeOf(table);
    return Spte.isLeaf(of.get(plain(table), index), of.level(plain(table)));
  }

  @Override
  public long child(long table, int index) {
    TdpTree of = treeOf(table);
    long spte = of.get(plain(table), index);
    return Spte.isTable(spte, of.level(plain(table))) ? handle(of, Spte.pfn(spte)) : 0;
  }

  @Override
  public long headerWord(long table, int word) {
    TdpTree of = treeOf(table);
    return of.headers().get(of.header(plain(table)), word);
  }

  @Override
  public void setHeaderWord(long table, int word, long value) {
    TdpTree of = treeOf(table);
    of.headers().set(of.header(plain(table)), word, value);
  }

  @Override
  public void pin(long table) {
    TdpTree of = treeOf(table);
    of.headers().getAndAdd(of.header(plain(table)), TableHeader.PINS, 1);
  }

  @Override
  public void unpin(long table) {
    TdpTree of = treeOf(table);
    long before = of.headers().getAndAdd(of.header(plain(table)), TableHeader.PINS, -1);
    if (before <= 0) {
      throw new IllegalStateException("a table was unpinned more often than pinned");
    }
  }

  @Override
  public boolean tryFold(long table) {
    TdpTree of = treeOf(table);
    long plain = plain(table);
    boolean held = mmu.lock().isHeldForWrite();
    if (!held) {
      mmu.lock().lockWrite();
    }
    try {
      return mmu.changes().removal().fold(of, plain);
    } finally {
      if (!held) {
        mmu.lock().unlockWrite();
      }
    }
  }

  /** Returns how many tables are stocked for {@link #require}. */
  public int heldTables(TdpTree of) {
    return stock.heldTables(of);
  }

  /** Gives back the tables that are stocked for {@link #require}. */
  public void close() {
    stock.free();
  }

  int compact(long spte) {
    int bits = 0;
    long[] masks = bitMasks;
    for (int i = 0; i < masks.length; i++) {
      if ((spte & masks[i]) != 0) {
        bits |= 1 << i;
      }
    }
    return bits;
  }

  private long spread(int bits) {
    long mask = 0;
    for (int i = 0; i < bitMasks.length; i++) {
      if ((bits & (1 << i)) != 0) {
        mask |= bitMasks[i];
      }
    }
    if (bits >>> bitMasks.length != 0) {
      throw new IllegalArgumentException(
          "bits 0x%x; %d are reserved".formatted(bits, bitMasks.length));
    }
    return mask;
  }

  private TdpTree tree(Tree tree) {
    return mmu.tree(tree == Tree.MIRROR);
  }

  private TdpTree treeOf(long table) {
    return mmu.tree((table & MIRROR_TAG) != 0);
  }

  private static long plain(long table) {
    return table & ~MIRROR_TAG;
  }

  static long handle(TdpTree tree, long table) {
    return MmuObservers.portHandle(tree, table);
  }

  /** One thread's walk: reused. */
  private static final class PortWalk implements Walk {
    private final long[] tables = new long[6];
    private final int[] indexes = new int[6];
    private final int[] bits = new int[6];
    private int lowest;

    PortWalk walk(PageTablePort port, TdpTree tree, long gfn) {
      long table = tree.root();
      int level = tree.rootLevel();
      Arrays.fill(tables, 0);
      Arrays.fill(bits, 0);
      lowest = level;
      while (table != 0) {
        lowest = level;
        int index = tree.index(gfn, level);
        long spte = tree.get(table, index);
        tables[level] = handle(tree, table);
        indexes[level] = index;
        bits[level] = port.compact(spte);
        if (!Spte.isTable(spte, level)) {
          break;
        }
        table = Spte.pfn(spte);
        level--;
      }
      return this;
    }

    @Override
    public PageLevel lowest() {
      return PageLevel.of(lowest);
    }

    @Override
    public long table(PageLevel level) {
      return tables[level.number()];
    }

    @Override
    public int index(PageLevel level) {
      return tables[level.number()] == 0 ? 0 : indexes[level.number()];
    }

    @Override
    public int bits(PageLevel level) {
      return bits[level.number()];
    }
  }
}
