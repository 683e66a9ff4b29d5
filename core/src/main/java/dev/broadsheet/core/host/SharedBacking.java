package dev.broadsheet.core.host;

import com.google.common.collect.Range;
import com.google.common.collect.RangeMap;
import com.google.common.collect.RangeSet;
import com.google.common.collect.TreeRangeMap;
import com.google.common.collect.TreeRangeSet;
import dev.broadsheet.api.PageLevel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A mapping of user space, the shared side of memslots: what the process's page tables say about
 * it, and how the host changes them.
 *
 * <p>Pages come when they are touched. A page that was only read is the zero page, mapped
 * read-only; writing it changes the mapping, of which the {@link HostListener}s are told. Pages of
 * hugetlb are zeroed and writable at once.
 *
 * <p>Pages are named by their index, from the mapping's first page; regions of 2M are those of the
 * user address. Look-ups are lock-free; everything may be called from any thread. Listeners are
 * called with this object's monitor held, which plays the part of the host's page-table locks.
 */
public final class SharedBacking {
  /** What kind of pages the mapping has. */
  public enum Kind {
    /** Anonymous memory without large pages. */
    SMALL("4k"),
    /** Anonymous memory with transparent large pages. */
    THP("thp"),
    /** hugetlb pages of 2 MiB. */
    HUGETLB_2M("h2m"),
    /** hugetlb pages of 1 GiB. */
    HUGETLB_1G("h1g");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /** Returns the short name: 4k, thp, h2m or h1g. */
    public String label() {
      return label;
    }
  }

  /** What the mapping permits. */
  public enum Protection {
    /** Nothing. */
    NONE,
    /** Reading. */
    READ,
    /** Reading and writing. */
    READ_WRITE
  }

  private static final int ORDER_2M = 9;
  private static final int ORDER_1G = 18;

  private final HostMemory host;
  private final Kind kind;
  private final long userPage;
  private final long pages;

  /** Where the first page stands in its region. */
  private final long lead;

  /** Indexed by page from the start of the first region: {@code lead + index}. */
  private final FolioMap folios;

  private final ZeroPages zero;
  private final PageBytes content = new PageBytes();
  private final List<HostListener> listeners = new CopyOnWriteArrayList<>();

  /** Pages whose protection differs from reading and writing. Guarded by this. */
  private final RangeMap<Long, Protection> protections = TreeRangeMap.create();

  private volatile boolean isProtected;

  /** Pages advised to be what their kind is not: large ones of SMALL, small ones of THP. */
  private final RangeSet<Long> otherwiseAdvised = TreeRangeSet.create();

  /**
   * Creates a mapping that nobody has touched.
   *
   * @param host where frames come from
   * @param kind what pages it has
   * @param userPage page number of its user address
   * @param pages its length, at least 1
   */
  public SharedBacking(HostMemory host, Kind kind, long userPage, long pages) {
    if (userPage < 0 || pages < 1) {
      throw new IllegalArgumentException(
          "a mapping of %d pages at user page 0x%x; give one page or more"
              .formatted(pages, userPage));
    }
    this.host = host;
    this.kind = kind;
    this.userPage = userPage;
    this.pages = pages;
    this.lead = userPage & (FolioMap.REGION_PAGES - 1);
    this.folios =
        new FolioMap(
            (lead + pages + FolioMap.REGION_PAGES - 1) / FolioMap.REGION_PAGES, host.hasThreads());
    this.zero = host.zeroPages();
  }

  /** Returns what kind of pages it has. */
  public Kind kind() {
    return kind;
  }

  /** Returns the page number of its user address. */
  public long userPage() {
    return userPage;
  }

  /**
   * Returns the index behind what user space maps: whole regions of 2M, and whole pages of 1G where
   * they are such, of which a slot may use the beginning only.
   */
  public long mappedEnd() {
    long mask = kind == Kind.HUGETLB_1G ? hugetlbMask() : FolioMap.REGION_PAGES - 1L;
    return ((userPage + pages + mask) & ~mask) - userPage;
  }

  private long foliosEnd() {
    return ((long) folios.regions() << ORDER_2M) - lead;
  }

  /** Returns its length in pages. */
  public long pages() {
    return pages;
  }

  /** Adds somebody who is told of changes. */
  public void listen(HostListener listener) {
    listeners.add(listener);
  }

  /** Takes back {@link #listen}. */
  public void ignore(HostListener listener) {
    listeners.remove(listener);
  }

  /**
   * Returns the level at which the process's page tables map a page: 4K where they do not, 2M or 1G
   * where a large page stands.
   */
  public PageLevel mappingLevel(long index) {
    long entry = folios.largeEntry((int) ((lead + index) >>> ORDER_2M));
    if (entry == 0) {
      return PageLevel.PG_LEVEL_4K;
    }
    return FolioMap.entryOrder(entry) == ORDER_1G ? PageLevel.PG_LEVEL_1G : PageLevel.PG_LEVEL_2M;
  }

  /**
   * Returns a page, as the kernel gets it for a guest's access; brings it in if need be.
   *
   * @param write whether it will be written; a page that was only read may have to be replaced, of
   *     which listeners are told
   * @return a {@link HostPage} with the order that the page tables map; an error EFAULT where the
   *     protection forbids the access, ENOMEM if the host has no frame
   */
  public long get(long index, boolean write) {
    checkIndex(index);
    if (!isProtected) {
      long page = find(index, /* mayWrite= */ true);
      if (page != 0 && (!write || HostPage.isWritable(page))) {
        return page;
      }
    }
    return bringIn(index, write);
  }

  private void checkIndex(long index) {
    if (index < 0 || index >= pages) {
      throw new IllegalArgumentException(
          "page 0x%x of a mapping of 0x%x pages".formatted(index, pages));
    }
  }

  /**
   * Returns a page if the process's page tables map one, as a {@link HostPage}; else 0. Brings
   * nothing in.
   *
   * @param mayWrite whether the protection permits writing
   */
  public long find(long index, boolean mayWrite) {
    long page = folios.find(lead + index, mayWrite);
    return page != 0 && mayWrite && zero.isZero(HostPage.pfn(page))
        ? HostPage.of(HostPage.pfn(page), HostPage.order(page), false)
        : page;
  }

  private synchronized long bringIn(long index, boolean write) {
    Protection protection = protectionOf(index);
    if (protection == Protection.NONE || (write && protection == Protection.READ)) {
      return HostPage.error(Errno.EFAULT);
    }
    boolean mayWrite = protection == Protection.READ_WRITE;
    long page = find(index, mayWrite);
    if (page == 0) {
      page = firstTouch(index, write, mayWrite);
    } else if (write && !HostPage.isWritable(page)) {
      page = replaceZero(index, HostPage.order(page));
    }
    return page;
  }

  private Protection protectionOf(long index) {
    Protection special = isProtected ? protections.get(index) : null;
    return special == null ? Protection.READ_WRITE : special;
  }

  private long firstTouch(long index, boolean write, boolean mayWrite) {
    boolean done =
        switch (kind) {
          case SMALL, THP -> mayBeLarge(index) && firstTouchThp(index, write);
          case HUGETLB_2M -> mapLarge(index, ORDER_2M);
          case HUGETLB_1G -> mapLarge(index, ORDER_1G);
        };
    if (!done) {
      if (kind == Kind.HUGETLB_2M || kind == Kind.HUGETLB_1G) {
        return HostPage.error(Errno.ENOMEM);
      }
      long pfn = write ? host.allocate(0) : zero.small();
      if (pfn == HostMemory.NONE) {
        return HostPage.error(Errno.ENOMEM);
      }
      folios.setSmall(lead + index, pfn);
    }
    return find(index, mayWrite);
  }

  /** Returns whether all pages of a page's region may be one transparent large page. */
  private boolean mayBeLarge(long index) {
    long start = index - ((lead + index) & (FolioMap.REGION_PAGES - 1));
    Range<Long> region = Range.closedOpen(start, start + FolioMap.REGION_PAGES);
    return kind == Kind.THP
        ? !otherwiseAdvised.intersects(region)
        : otherwiseAdvised.encloses(region);
  }

  private boolean firstTouchThp(long index, boolean write) {
    int region = (int) ((lead + index) >>> ORDER_2M);
    if (folios.hasTable(region)) {
      return false;
    }
    if (write) {
      return mapLarge(index, ORDER_2M);
    }
    long pfn = zero.large();
    if (pfn == HostMemory.NONE) {
      return false;
    }
    folios.setLarge(region, pfn, ORDER_2M);
    return true;
  }

  private boolean mapLarge(long index, int order) {
    long pfn = host.allocate(order);
    if (pfn == HostMemory.NONE) {
      return false;
    }
    long blockStart = (userPage + index) >>> order << order;
    long mapStart = userPage - lead;
    int first = (int) (Math.max(0, blockStart - mapStart) >>> ORDER_2M);
    long end = Math.min(blockStart + (1L << order) - mapStart, (long) folios.regions() << ORDER_2M);
    for (int region = first; region < end >>> ORDER_2M; region++) {
      long regionStart = mapStart + ((long) region << ORDER_2M);
      folios.setLarge(region, pfn + (regionStart - blockStart), order);
    }
    return true;
  }

  /** A write met a zero page: a large one is split first, then the one page is replaced. */
  private long replaceZero(long index, int order) {
    if (order == ORDER_2M) {
      long regionStart = index - ((lead + index) & (FolioMap.REGION_PAGES - 1));
      invalidateStart(regionStart, regionStart + FolioMap.REGION_PAGES);
      splitRegion((int) ((lead + index) >>> ORDER_2M));
      invalidateEnd(regionStart, regionStart + FolioMap.REGION_PAGES);
    }
    long pfn = host.allocate(0);
    if (pfn == HostMemory.NONE) {
      return HostPage.error(Errno.ENOMEM);
    }
    invalidateStart(index, index + 1);
    folios.setSmall(lead + index, pfn);
    invalidateEnd(index, index + 1);
    return find(index, /* mayWrite= */ true);
  }

  private void splitRegion(int region) {
    if (!zero.isZero(FolioMap.entryPfn(folios.largeEntry(region)))) {
      folios.splitToSmall(region);
      return;
    }
    long start = (long) region << ORDER_2M;
    for (int i = 0; i < FolioMap.REGION_PAGES; i++) {
      folios.setSmall(start + i, zero.small());
    }
    folios.clearLarge(region);
  }

  /** Writes every page once, as user space does that fills its memory before the guest runs. */
  public void populate() {
    long index = 0;
    while (index < pages) {
      long page = get(index, /* write= */ true);
      if (HostPage.isError(page)) {
        throw new IllegalStateException(
            "the host has no frames for page 0x%x of the mapping; give it more memory"
                .formatted(index));
      }
      long inRegion = (lead + index) & (FolioMap.REGION_PAGES - 1);
      index += HostPage.order(page) == 0 ? 1 : FolioMap.REGION_PAGES - inRegion;
    }
  }

  /**
   * Drops the pages {@code [from, to)} ({@code MADV_DONTNEED}): they read as zero from now on.
   *
   * @return 0, or EINVAL where hugetlb does not begin a page at {@code from}; of hugetlb, only
   *     whole pages are dropped
   */
  public synchronized int dontNeed(long from, long to) {
    if (((userPage + from) & hugetlbMask()) != 0) {
      return Errno.EINVAL;
    }
    long end = ((userPage + to) & ~hugetlbMask()) - userPage;
    if (from >= end) {
      return 0;
    }
    invalidateStart(from, end);
    splitEdges(from, end);
    dropFrames(from, Math.min(end, foliosEnd()));
    content.clear(from, end);
    invalidateEnd(from, end);
    return 0;
  }

  /**
   * Says whether first touches of the pages {@code [from, to)} may bring transparent large pages
   * ({@code MADV_HUGEPAGE}, {@code MADV_NOHUGEPAGE}); what stands already stays. Means nothing to
   * hugetlb.
   */
  public synchronized void adviseLarge(long from, long to, boolean large) {
    if (from < to && (large == (kind == Kind.THP))) {
      otherwiseAdvised.remove(Range.closedOpen(from, to));
    } else if (from < to) {
      otherwiseAdvised.add(Range.closedOpen(from, to));
    }
  }

  /**
   * Lets the host take the pages {@code [from, to)} when it needs them ({@code MADV_FREE}): they
   * leave the process's page tables for a moment, so listeners are told, and keep their content.
   *
   * @return 0, or EINVAL for hugetlb
   */
  public synchronized int lazyFree(long from, long to) {
    if (hugetlbMask() != 0) {
      return Errno.EINVAL;
    }
    if (from < to) {
      invalidateStart(from, to);
      splitEdges(from, to);
      invalidateEnd(from, to);
    }
    return 0;
  }

  /**
   * Puts a large page in the place of small ones ({@code MADV_COLLAPSE}) in each region wholly in
   * {@code [from, to)}; a region needs one page that was written.
   *
   * @return 0 if all regions are large now; else EINVAL, and ENOMEM where the host has no frame
   */
  public synchronized int collapse(long from, long to) {
    long first = (lead + from + FolioMap.REGION_PAGES - 1) >>> ORDER_2M;
    long behind = (lead + to) >>> ORDER_2M;
    int errno = first < behind ? 0 : Errno.EINVAL;
    for (long region = first; region < behind; region++) {
      int failed = collapseRegion((int) region);
      errno = failed == 0 ? errno : failed;
    }
    return errno;
  }

  private int collapseRegion(int region) {
    long start = ((long) region << ORDER_2M) - lead;
    long end = start + FolioMap.REGION_PAGES;
    if (hugetlbMask() != 0 || !mayBeLarge(start)) {
      return Errno.EINVAL;
    }
    if (folios.largeEntry(region) != 0) {
      return 0;
    }
    boolean written = false;
    for (long index = start; index < end && !written; index++) {
      long page = find(index, /* mayWrite= */ true);
      written = page != 0 && HostPage.isWritable(page);
    }
    if (!written) {
      return Errno.EINVAL;
    }
    long pfn = host.allocate(ORDER_2M);
    if (pfn == HostMemory.NONE) {
      return Errno.ENOMEM;
    }
    invalidateStart(start, end);
    dropFrames(start, end);
    folios.setLarge(region, pfn, ORDER_2M);
    invalidateEnd(start, end);
    return 0;
  }

  private void splitEdges(long from, long to) {
    splitIfCut(from);
    splitIfCut(to);
  }

  /** Splitting tells of the whole region, not only of the part that asked for it. */
  private void splitIfCut(long index) {
    long place = lead + index;
    int region = (int) (place >>> ORDER_2M);
    if (kind == Kind.THP
        && (place & (FolioMap.REGION_PAGES - 1)) != 0
        && index < pages
        && folios.largeEntry(region) != 0) {
      long start = index - (place & (FolioMap.REGION_PAGES - 1));
      invalidateStart(start, start + FolioMap.REGION_PAGES);
      splitRegion(region);
      invalidateEnd(start, start + FolioMap.REGION_PAGES);
    }
  }

  private void dropFrames(long from, long to) {
    long place = lead + from;
    long end = lead + to;
    while (place < end) {
      int region = (int) (place >>> ORDER_2M);
      long entry = folios.largeEntry(region);
      if (entry == 0) {
        release(folios.clearSmall(place), 0);
        place++;
        if ((place & (FolioMap.REGION_PAGES - 1)) == 0 || place == end) {
          folios.dropEmptyTable(region);
        }
      } else {
        place = dropLarge(region, entry);
      }
    }
  }

  private long dropLarge(int region, long entry) {
    int order = FolioMap.entryOrder(entry);
    long regionStart = userPage - lead + ((long) region << ORDER_2M);
    long blockStart = regionStart >>> order << order;
    release(FolioMap.entryPfn(entry) - (regionStart - blockStart), order);
    int at = region;
    while (at < folios.regions()
        && regionStart + ((long) (at - region) << ORDER_2M) < blockStart + (1L << order)) {
      folios.clearLarge(at++);
    }
    return (long) at << ORDER_2M;
  }

  private void release(long pfn, int order) {
    if (pfn != HostMemory.NONE && !zero.isZero(pfn)) {
      host.free(pfn, order);
    }
  }

  /**
   * Changes what is permitted on the pages {@code [from, to)} ({@code mprotect}).
   *
   * @return 0, or EINVAL where the range cuts a page of hugetlb
   */
  public synchronized int protect(long from, long to, Protection protection) {
    if (from < 0 || from >= to || to > mappedEnd()) {
      throw new IllegalArgumentException(
          "pages [0x%x, 0x%x) of a mapping of 0x%x pages".formatted(from, to, pages));
    }
    if (((userPage + from) & hugetlbMask()) != 0
        || (to < pages && ((userPage + to) & hugetlbMask()) != 0)) {
      return Errno.EINVAL;
    }
    invalidateStart(from, to);
    splitEdges(from, to);
    Range<Long> range = Range.closedOpen(from, to);
    if (protection == Protection.READ_WRITE) {
      protections.remove(range);
    } else {
      protections.put(range, protection);
    }
    isProtected = !protections.asMapOfRanges().isEmpty();
    invalidateEnd(from, to);
    return 0;
  }

  /** Returns which bits of a user page number are clear where a page of hugetlb begins. */
  private long hugetlbMask() {
    return switch (kind) {
      case SMALL, THP -> 0;
      case HUGETLB_2M -> (1L << ORDER_2M) - 1;
      case HUGETLB_1G -> (1L << ORDER_1G) - 1;
    };
  }

  private void invalidateStart(long from, long to) {
    for (HostListener listener : listeners) {
      listener.invalidateStart(userPage + from, userPage + to);
    }
  }

  private void invalidateEnd(long from, long to) {
    for (HostListener listener : listeners) {
      listener.invalidateEnd(userPage + from, userPage + to);
    }
  }

  /** Returns the byte that stands for the content of a page; does not bring it in. */
  public int readByte(long index) {
    return content.get(index);
  }

  /** Writes the byte that stands for the content of a page; does not bring it in. */
  public void writeByte(long index, int value) {
    content.set(index, value);
  }

  /** Unmaps all: tells listeners, and gives all frames back. */
  public synchronized void close() {
    invalidateStart(0, pages);
    dropFrames(-lead, foliosEnd());
    invalidateEnd(0, pages);
  }

  /** The zero pages of a host: shared by all mappings, never given back. */
  static final class ZeroPages {
    private final HostMemory host;
    private volatile long small = HostMemory.NONE;
    private volatile long large = HostMemory.NONE;

    ZeroPages(HostMemory host) {
      this.host = host;
    }

    synchronized long small() {
      if (small == HostMemory.NONE) {
        small = host.allocate(0);
      }
      return small;
    }

    synchronized long large() {
      if (large == HostMemory.NONE) {
        large = host.allocate(ORDER_2M);
      }
      return large;
    }

    boolean isZero(long pfn) {
      long huge = large;
      return pfn == small
          || (huge != HostMemory.NONE && pfn >= huge && pfn < huge + (1L << ORDER_2M));
    }
  }
}
