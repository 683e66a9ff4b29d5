package dev.broadsheet.api;

/**
 * The port to the MMU's page tables, for strategies that keep their truth in the entries or in the
 * headers of tables (options B and C, and table folding).
 *
 * <p><b>Trees.</b> A TDX virtual machine has two: the {@link Tree#MIRROR} of the Secure EPT for
 * private pages, and the {@link Tree#DIRECT} one for shared pages. Other machines have one; both
 * names then mean it ({@link #hasTwoTrees()}).
 *
 * <p><b>Names.</b> A table is a handle, never 0. Its <em>level</em> is that of its entries: the
 * table of level 2M holds 512 entries that cover 2M each. Entries are named by table and index.
 *
 * <p><b>Bits.</b> A strategy reserves named software-available bits when it is created. The MMU
 * keeps them in everything it writes (present, non-present, frozen, leaf, non-leaf, MMIO), and
 * masks them when it compares frozen and MMIO entries. Bits are given here and taken here as a
 * compact mask: bit i is the i-th bit that was reserved.
 *
 * <p><b>Locks.</b> {@link #walk}, {@link #bits}, {@link #headerWord} may be called in an RCU read
 * section. All that changes is called during a conversion or a slot change; the implementation
 * takes {@code mmu_lock} as it needs and may be called with it held. Bits are changed atomically
 * against faults.
 *
 * <p>Sources: I. Yamahata, [PATCH v7 000/102] KVM TDX basic feature support, 27 Jun 2022 (the bit
 * in the SPTE); X. Li, 14 Jul 2022 (options B and C).
 */
public interface PageTables {
  /** One of the two trees of a confidential virtual machine. */
  enum Tree {
    /** KVM's copy of the Secure EPT: private pages. */
    MIRROR,
    /** The tree that hardware walks for shared pages. */
    DIRECT
  }

  /** Where words of a table's header come from. */
  enum HeaderSpace {
    /** The header grows; every table pays for it. */
    OWN,
    /**
     * Fields that the TDP MMU leaves idle ({@code unsync_child_bitmap}): free of charge, at most 8
     * words.
     */
    IDLE
  }

  /** Told when tables come and go; called with {@code mmu_lock} held. */
  interface Listener {
    /**
     * A new empty table was linked below an entry of {@code level.above()} that begins at {@code
     * gfn}.
     */
    void linked(Tree tree, long table, long gfn, PageLevel level);

    /**
     * A leaf was split: the new table's 512 entries carry the leaf's reserved bits unless changed
     * here.
     */
    void split(Tree tree, long table, long gfn, PageLevel level);

    /**
     * The table is about to be unlinked and freed; its words can still be read during this call.
     */
    void unlinked(Tree tree, long table, long gfn, PageLevel level);
  }

  /**
   * What a walk from the root towards one gfn found. Valid until the next walk of the same thread;
   * reused, so nothing is allocated.
   */
  interface Walk {
    /** Returns the level of the last entry that was read: where the walk met no table below. */
    PageLevel lowest();

    /** Returns the table whose entry of {@code level} was read, or 0 if the walk ended above. */
    long table(PageLevel level);

    /**
     * Returns the position of the entry of {@code level} in its table, 0 if the walk ended above.
     */
    int index(PageLevel level);

    /** Returns the reserved bits of the entry of {@code level}, or 0 if the walk ended above. */
    int bits(PageLevel level);
  }

  /** Returns whether private and shared pages have trees of their own. */
  boolean hasTwoTrees();

  /** Returns the level of the entries of the root tables. */
  PageLevel rootLevel();

  /**
   * Returns the position of {@code gfn}'s entry in the root table of a tree. The direct tree of a
   * TDX machine sits in the upper half of its root, for there the shared bit is part of the
   * address; below the root {@link PageLevel#index} holds in both trees.
   */
  default int rootIndex(Tree tree, long gfn) {
    return rootLevel().index(gfn);
  }

  /**
   * Reserves one software-available bit of every entry of both trees. Only before the first table
   * exists.
   *
   * @param name what reports call it ("SHARED")
   * @return its position in the compact masks of this port: 0, 1, ...
   * @throws UnmetRequirementException if no bit is free that is legal in every kind of entry
   */
  int reserveBit(String name);

  /**
   * Reserves words in the header of every table. Only before the first table exists.
   *
   * @return the number of the first word
   * @throws UnmetRequirementException if idle space was asked for and does not suffice
   */
  int reserveHeaderWords(String name, int words, HeaderSpace space);

  /** Registers who is told when tables come and go. */
  void listen(Listener listener);

  /**
   * Walks from the root to {@code gfn} as far as tables reach. The fault path continues this walk,
   * so its loads are counted once per operation.
   */
  Walk walk(Tree tree, long gfn);

  /**
   * Returns the table of {@code level} that holds {@code gfn}'s entry, or 0 if it does not exist.
   */
  long find(Tree tree, long gfn, PageLevel level);

  /**
   * Returns the table of {@code level} that holds {@code gfn}'s entry, creating what is missing
   * above; new entries get the reserved bits of the entry above them. A leaf in the way is split in
   * the mirror tree, where a zap would lose the page's content, and zapped in the direct tree, as
   * KVM zaps whatever crosses the edge of a conversion.
   *
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException if memory runs dry; tables made so
   *     far stay, empty, and change no answer
   */
  long require(Tree tree, long gfn, PageLevel level);

  /** Returns whether any gfn of this number can have an entry: below the tree's address width. */
  boolean reaches(long gfn);

  /** Loads the reserved bits of one entry; acquires. */
  int bits(long table, int index);

  /**
   * Changes reserved bits of one entry atomically and nothing else of it: first clears, then sets.
   *
   * @return the reserved bits before
   */
  int updateBits(long table, int index, int clear, int set);

  /** Returns whether the entry maps memory. */
  boolean isLeaf(long table, int index);

  /** Returns the table below an entry, or 0 if there is none. */
  long child(long table, int index);

  /** Loads a reserved header word; acquires. */
  long headerWord(long table, int word);

  /** Stores a reserved header word; releases. */
  void setHeaderWord(long table, int word, long value);

  /** Keeps a table from being freed while it holds no leaf. Pins are counted. */
  void pin(long table);

  /** Takes back one {@link #pin}; the table may now be freed when it is empty. */
  void unpin(long table);

  /**
   * Frees a table whose 512 entries are non-present with equal reserved bits, and moves those bits
   * into the entry above.
   *
   * @return whether it did; false if an entry is present, the bits differ, the table is pinned, or
   *     it is a root, or the TDX module's rules keep the table (a linked S-EPT page of a running
   *     TD)
   */
  boolean tryFold(long table);
}
