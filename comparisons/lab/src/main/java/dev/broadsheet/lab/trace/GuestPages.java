package dev.broadsheet.lab.trace;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What each 4 KiB page of a guest is: private or shared, accepted, and accessed since when.
 *
 * <p>Kept to make or check the events of a trace: it tells whether an access is the first one to a
 * page ({@code F}), one that is worth recording again ({@code T}), or neither. Memory is one byte
 * per page in 2M blocks that were touched page by page, and one small object per other block that
 * has a history; untouched memory costs nothing. Not safe for use from several threads.
 */
public final class GuestPages {
  private static final int PRIVATE = 1;
  private static final int ACCEPTED = 2;
  private static final int SEEN = 4;
  private static final int STALE = 8;
  private static final int BLOCK = 512;

  private final int untouched;
  private final Map<Long, Block> blocks = new HashMap<>();
  private long lastIndex = -1;
  private @Nullable Block last;

  /** What the last access was. */
  public enum Access {
    /** First access, or the first since a conversion or discard covered the page. */
    FIRST,
    /** Accessed before; since then its 2M region was changed elsewhere, or a re-arm came. */
    AGAIN,
    /** Accessed before, and nothing happened since: no event. */
    SILENT
  }

  /** Makes a guest of pages that were never converted. */
  public GuestPages(boolean initiallyPrivate) {
    this.untouched = initiallyPrivate ? PRIVATE : 0;
  }

  /** Returns whether a page is private. */
  public boolean isPrivate(long gfn) {
    return (get(gfn) & PRIVATE) != 0;
  }

  /** Returns whether the guest has accepted a page since it became private or was discarded. */
  public boolean isAccepted(long gfn) {
    return (get(gfn) & ACCEPTED) != 0;
  }

  /** Returns whether a page was accessed since it was last converted or discarded. */
  public boolean isAccessed(long gfn) {
    return (get(gfn) & SEEN) != 0;
  }

  /** Returns whether all pages of {@code [from, to)} are private and none of them is accepted. */
  public boolean isUnaccepted(long from, long to) {
    return isAll(from, to, PRIVATE | ACCEPTED, PRIVATE);
  }

  /** Returns whether every page of {@code [from, to)} has one attribute. */
  public boolean isAll(long from, long to, boolean isPrivate) {
    return isAll(from, to, PRIVATE, isPrivate ? PRIVATE : 0);
  }

  private boolean isAll(long from, long to, int mask, int wanted) {
    long gfn = from;
    while (gfn < to) {
      Block block = find(gfn / BLOCK);
      if (block == null || block.pages == null) {
        if (((block == null ? untouched : block.uniform) & mask) != wanted) {
          return false;
        }
        gfn = (gfn / BLOCK + 1) * BLOCK;
      } else if ((get(gfn++) & mask) != wanted) {
        return false;
      }
    }
    return true;
  }

  /** Returns the first shared page of {@code [from, to)}, or {@code to}. */
  public long nextShared(long from, long to) {
    long gfn = from;
    while (gfn < to) {
      Block block = find(gfn / BLOCK);
      if (block == null || block.pages == null) {
        if (((block == null ? untouched : block.uniform) & PRIVATE) == 0) {
          return gfn;
        }
        gfn = (gfn / BLOCK + 1) * BLOCK;
      } else if ((get(gfn) & PRIVATE) == 0) {
        return gfn;
      } else {
        gfn++;
      }
    }
    return to;
  }

  /** The guest converts {@code [from, to)}; pages that change have to be accepted anew. */
  public void convert(long from, long to, boolean toPrivate) {
    change(from, to, toPrivate ? PRIVATE : 0, true);
  }

  /** The VMM discards {@code [from, to)}: attributes stay, private pages must be accepted anew. */
  public void discard(long from, long to) {
    change(from, to, 0, false);
  }

  /** The guest accepts {@code [from, to)}. */
  public void accept(long from, long to) {
    for (long gfn = from; gfn < to; ) {
      long index = gfn / BLOCK;
      int start = (int) (gfn % BLOCK);
      int end = (int) Math.min(BLOCK, start + (to - gfn));
      Block block = make(index);
      if (block.pages == null && start == 0 && end == BLOCK) {
        block.uniform |= ACCEPTED;
      } else {
        byte[] pages = block.split();
        for (int i = start; i < end; i++) {
          pages[i] |= ACCEPTED;
        }
      }
      gfn += end - start;
    }
  }

  /** The guest accesses a page; returns what event that is. */
  public Access access(long gfn) {
    byte[] pages = make(gfn / BLOCK).split();
    int i = (int) (gfn % BLOCK);
    int state = pages[i];
    pages[i] = (byte) ((state | SEEN) & ~STALE);
    return (state & SEEN) == 0 ? Access.FIRST : (state & STALE) == 0 ? Access.SILENT : Access.AGAIN;
  }

  /** From here the next access to each page is recorded again. */
  public void rearm() {
    for (Block block : blocks.values()) {
      block.stale();
    }
  }

  private void change(long from, long to, int attribute, boolean convert) {
    for (long gfn = from; gfn < to; ) {
      long index = gfn / BLOCK;
      int start = (int) (gfn % BLOCK);
      int end = (int) Math.min(BLOCK, start + (to - gfn));
      if (find(index) != null || (convert && attribute != untouched)) {
        Block block = make(index);
        block.stale();
        if (block.pages == null && end - start == BLOCK) {
          block.uniform = after(block.uniform, attribute, convert);
        } else {
          byte[] pages = block.split();
          for (int i = start; i < end; i++) {
            pages[i] = (byte) after(pages[i], attribute, convert);
          }
          if (end - start == BLOCK) {
            block.joinIfEqual();
          }
        }
      }
      gfn += end - start;
    }
  }

  private static int after(int state, int attribute, boolean convert) {
    if (!convert) {
      return state & PRIVATE;
    }
    return (state & PRIVATE) == attribute ? state & (PRIVATE | ACCEPTED) : attribute;
  }

  private int get(long gfn) {
    Block block = find(gfn / BLOCK);
    if (block == null) {
      return untouched;
    }
    return block.pages == null ? block.uniform : block.pages[(int) (gfn % BLOCK)];
  }

  private @Nullable Block find(long index) {
    if (index != lastIndex) {
      lastIndex = index;
      last = blocks.get(index);
    }
    return last;
  }

  private Block make(long index) {
    Block block = find(index);
    if (block == null) {
      block = new Block(untouched);
      blocks.put(index, block);
      last = block;
    }
    return block;
  }

  /** 512 pages in one state, or each in its own. */
  private static final class Block {
    int uniform;
    byte @Nullable [] pages;

    Block(int uniform) {
      this.uniform = uniform;
    }

    byte[] split() {
      byte[] each = pages;
      if (each == null) {
        each = new byte[BLOCK];
        Arrays.fill(each, (byte) uniform);
        pages = each;
      }
      return each;
    }

    void joinIfEqual() {
      byte[] each = split();
      for (byte page : each) {
        if (page != each[0]) {
          return;
        }
      }
      uniform = each[0];
      pages = null;
    }

    void stale() {
      byte[] each = pages;
      if (each == null) {
        uniform |= (uniform & SEEN) == 0 ? 0 : STALE;
        return;
      }
      for (int i = 0; i < BLOCK; i++) {
        if ((each[i] & SEEN) != 0) {
          each[i] |= STALE;
        }
      }
    }
  }
}
