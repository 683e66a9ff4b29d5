package dev.broadsheet.core.tdx.pamt;

import dev.broadsheet.core.memory.OwnLines;
import dev.broadsheet.core.memory.StripedCounts;
import org.jspecify.annotations.Nullable;

/**
 * A place for one PAMT entry that a call found, and for the locks that it holds on the way to it.
 * Reusable; one thread at a time, although another thread may release what one took.
 */
public final class PamtRef extends OwnLines {
  final Pamt pamt;
  @Nullable PamtBlock block;

  /** Position of the 2M entry in its block. */
  int index2m;

  /** Position of the 4K entry in its chunk. */
  int index4k;

  /** Chunk of 4K entries, or 0 if none was ever needed: then the entry is NDA. */
  long chunk;

  int level;
  private boolean path;
  private boolean exclusive;
  private boolean held;

  /** Whether the shared hold of a 4K entry is counted beside its word. */
  private boolean aside;

  /** Creates an empty place for entries of {@code pamt}. */
  public PamtRef(Pamt pamt) {
    this.pamt = pamt;
  }

  void found(PamtBlock at, int index2m, int index4k, int level, long chunk) {
    if (block != at) { // to store a reference costs the garbage collector's barrier
      block = at;
    }
    this.index2m = index2m;
    this.index4k = index4k;
    this.level = level;
    this.chunk = chunk;
  }

  void hold(boolean exclusively, boolean withPath) {
    held = true;
    exclusive = exclusively;
    path = withPath;
  }

  /** Returns the level of the entry: 0 for 4K, 1 for 2M, 2 for 1G. */
  public int level() {
    return level;
  }

  /** Returns whether a lock is held through this place. */
  public boolean isHeld() {
    return held;
  }

  /** Returns the page type. */
  public PageType type() {
    if (level == 0 && at().isPamtPage(index2m, index4k)) {
      return PageType.PT_PAMT;
    }
    return PageType.of(PamtEntry.type(word()));
  }

  /** Returns the owner's slot; 0 if there never was one. */
  public int owner() {
    return PamtEntry.owner(word());
  }

  /** Returns the block epoch; in TDR and TDVPR pages the number of the TD or vCPU. */
  public long epoch() {
    return PamtEntry.epoch(word());
  }

  /** Writes the entry. The caller holds the exclusive lock. */
  public void set(PageType type, int owner, long epoch) {
    long entry = PamtEntry.of(type, owner, epoch);
    while (true) {
      long old = word();
      if (compareAndSet(old, entry | (old & PamtEntry.LOCK))) {
        return;
      }
    }
  }

  /** Changes the type and leaves owner and epoch as they are. The caller holds the lock. */
  public void setType(PageType type) {
    while (true) {
      long old = word();
      if (compareAndSet(old, (old & ~PamtEntry.TYPE) | type.value())) {
        return;
      }
    }
  }

  /** Records the block epoch; needs no PAMT lock, since the Secure EPT entry is locked. */
  public void setEpoch(long epoch) {
    long bits = PamtEntry.of(PageType.PT_NDA, 0, epoch);
    while (true) {
      long old = word();
      if (compareAndSet(old, (old & ~PamtEntry.EPOCH) | bits)) {
        return;
      }
    }
  }

  /** Releases what is held; does nothing if nothing is. */
  public void release() {
    if (!held) {
      return;
    }
    held = false;
    if (chunk != 0 || level > 0) {
      if (exclusive) {
        getAndAdd(-PamtEntry.EXCLUSIVE);
      } else {
        unlockShared();
      }
    }
    if (path) {
      if (level < 1) {
        at().unlockShared(index2m);
      }
      if (level < 2) {
        at().unlockShared(PamtBlock.ENTRY_1G);
      }
    }
  }

  /** Hands what is held over to {@code target}, which must hold nothing. */
  public void moveTo(PamtRef target) {
    if (target.held) {
      throw new IllegalStateException("the target still holds a PAMT lock");
    }
    target.found(at(), index2m, index4k, level, chunk);
    target.hold(exclusive, path);
    target.aside = aside;
    held = false;
  }

  boolean tryShared() {
    if (level > 0) {
      return at().tryShared(wordIndex());
    }
    StripedCounts sharers = at().countsAside() ? at().pageSharersFor(index2m, word()) : null;
    aside = sharers != null;
    if (sharers != null) {
      sharers.add(index4k, 1);
      if (PamtEntry.canShare(word())) {
        return true;
      }
      sharers.add(index4k, -1);
      return false;
    }
    while (true) {
      long old = word();
      if (!PamtEntry.canShare(old)) {
        return false;
      }
      if (compareAndSet(old, old + PamtEntry.ONE_SHARED)) {
        return true;
      }
    }
  }

  private void unlockShared() {
    if (level > 0) {
      at().unlockShared(wordIndex());
      return;
    }
    StripedCounts sharers = aside ? at().pageSharers(index2m) : null;
    if (sharers != null) {
      sharers.add(index4k, -1);
    } else {
      getAndAdd(-PamtEntry.ONE_SHARED);
    }
  }

  boolean tryExclusive() {
    return tryAlone(0);
  }

  /** Turns the caller's shared lock of an upper entry into the exclusive one if it is alone. */
  boolean tryUpgrade() {
    if (!tryAlone(1)) {
      return false;
    }
    if (at().countsAside()) {
      unlockShared();
    }
    return true;
  }

  /**
   * Takes the lock if there are just {@code own} sharers, the caller's. Looks for others before it
   * says anything, so that a try that must fail makes nobody busy.
   */
  private boolean tryAlone(int own) {
    boolean counted = at().countsAside();
    if (counted && sharers() != own) {
      return false;
    }
    long wanted = counted ? 0 : own * PamtEntry.ONE_SHARED;
    while (true) {
      long old = word();
      if ((old & PamtEntry.LOCK) != wanted) {
        return false;
      }
      if (compareAndSet(old, (old & ~PamtEntry.LOCK) | PamtEntry.EXCLUSIVE)) {
        break;
      }
    }
    // Relies on: who shares from here on sees the word, so that the sum can only fall.
    if (counted && sharers() != own) {
      getAndAdd(-PamtEntry.EXCLUSIVE);
      return false;
    }
    return true;
  }

  /** Returns how many share the lock, as counted beside the word. */
  private long sharers() {
    return level > 0 ? at().sharersOf(wordIndex()) : at().sharersOf(index2m, index4k);
  }

  long word() {
    if (level > 0) {
      return at().entries.get(wordIndex());
    }
    return chunk == 0 ? 0 : pamt.chunks.get(chunk, index4k);
  }

  private boolean compareAndSet(long expected, long value) {
    if (level > 0) {
      return at().entries.compareAndSet(wordIndex(), expected, value);
    }
    return pamt.chunks.compareAndSet(chunk, index4k, expected, value);
  }

  private void getAndAdd(long delta) {
    if (level > 0) {
      at().entries.getAndAdd(wordIndex(), delta);
    } else {
      pamt.chunks.getAndAdd(chunk, index4k, delta);
    }
  }

  private int wordIndex() {
    return level == 1 ? index2m : PamtBlock.ENTRY_1G;
  }

  private PamtBlock at() {
    if (block == null) {
      throw new IllegalStateException("no PAMT entry was looked up");
    }
    return block;
  }
}
