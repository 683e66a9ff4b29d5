package dev.broadsheet.core.host;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.core.memory.StripedLock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A guest_memfd: a file of pages that only the guest may touch, the private side of memslots.
 *
 * <p>Pages come when they are asked for, in folios of the largest size that policy and host memory
 * permit. A slot is bound to a part of the file; a hole that is punched gives frames back, after
 * the machine has removed what it maps of the {@linkplain #bound bound} gfns.
 *
 * <p>Offsets and lengths of calls are in bytes, indexes in 4 KiB pages. Look-ups are lock-free;
 * everything may be called from any thread.
 *
 * <p>Source: Linux v6.12, virt/kvm/guest_memfd.c, where folios are always of order 0; larger ones
 * as proposed in 2025 and 2026.
 */
public final class GuestMemfd {
  private static final int PAGE_SHIFT = 12;
  private static final long PAGE_MASK = (1L << PAGE_SHIFT) - 1;
  private static final int ORDER_2M = 9;
  private static final int ORDER_1G = 18;

  /** Pages behind this have no frame: no host has 16 TiB. */
  private static final long MOST_FRAMES = 1L << 32;

  /**
   * A part of a slot, and where it stands in the file.
   *
   * @param slot the slot
   * @param firstIndex page of the file behind the slot's first gfn
   */
  private record Binding(Memslot slot, long firstIndex) {
    long endIndex() {
      return firstIndex + slot.range().pages();
    }
  }

  /**
   * The gfns of a slot that a range of the file stands behind.
   *
   * @param slot the slot
   * @param range gfns inside the slot
   */
  public record Bound(Memslot slot, GfnRange range) {}

  private final HostMemory host;
  private final long pages;
  private final int folioOrder;
  private final FolioMap folios;
  private final PageBytes content = new PageBytes();

  /**
   * Held for read by who adds pages, for write by who takes some away ({@code invalidate_lock}).
   * Null where one thread does both.
   */
  private final @Nullable StripedLock invalidateLock;

  /** In the order of their place in the file. Guarded by this. */
  private final List<Binding> bindings = new ArrayList<>();

  /** Whether nobody can reach the file any more. */
  private volatile boolean closed;

  /**
   * Creates an empty file.
   *
   * @param host where frames come from
   * @param size in bytes, a positive multiple of 4096
   * @param folioOrder order of the largest folio: 0 (as in Linux 6.12), 9 or 18
   * @throws IllegalArgumentException for other sizes or orders; {@link #errnoOfSize} tells what KVM
   *     answers
   */
  public GuestMemfd(HostMemory host, long size, int folioOrder) {
    if (errnoOfSize(size) != 0) {
      throw new IllegalArgumentException(
          "a guest_memfd of 0x%x bytes; give a positive multiple of 4096".formatted(size));
    }
    if (folioOrder != 0 && folioOrder != ORDER_2M && folioOrder != ORDER_1G) {
      throw new IllegalArgumentException("folio order " + folioOrder + "; give 0, 9 or 18");
    }
    this.host = host;
    this.pages = size >>> PAGE_SHIFT;
    this.folioOrder = folioOrder;
    this.invalidateLock = host.hasThreads() ? new StripedLock("invalidate_lock") : null;
    long backed = Math.min(pages, MOST_FRAMES);
    this.folios =
        new FolioMap(
            (backed + FolioMap.REGION_PAGES - 1) / FolioMap.REGION_PAGES, host.hasThreads());
  }

  /** Returns what {@code KVM_CREATE_GUEST_MEMFD} answers to a size: 0 or EINVAL. */
  public static int errnoOfSize(long size) {
    return size <= 0 || (size & PAGE_MASK) != 0 ? Errno.EINVAL : 0;
  }

  /** Returns the size in pages. */
  public long pages() {
    return pages;
  }

  /**
   * Binds a slot to the file.
   *
   * @param offset where in the file the slot begins, in bytes
   * @return 0; EBADF if the file is closed; EINVAL if the slot does not fit it, or a part is bound
   *     already
   */
  public synchronized int bind(Memslot slot, long offset) {
    if (closed) {
      return Errno.EBADF;
    }
    long first = offset >>> PAGE_SHIFT;
    if ((offset & PAGE_MASK) != 0 || offset < 0 || first + slot.range().pages() > pages) {
      return Errno.EINVAL;
    }
    Binding added = new Binding(slot, first);
    int position = 0;
    for (Binding other : bindings) {
      if (other.firstIndex() < added.endIndex() && added.firstIndex() < other.endIndex()) {
        return Errno.EINVAL;
      }
      if (other.firstIndex() < first) {
        position++;
      }
    }
    bindings.add(position, added);
    return 0;
  }

  /** Takes back {@link #bind}; the pages stay. */
  public synchronized void unbind(Memslot slot) {
    bindings.removeIf(binding -> binding.slot().equals(slot));
  }

  /** Returns the gfns that the pages {@code [from, to)} stand behind, in the file's order. */
  public synchronized List<Bound> bound(long from, long to) {
    List<Bound> bound = new ArrayList<>();
    for (Binding binding : bindings) {
      long start = Math.max(from, binding.firstIndex());
      long end = Math.min(to, binding.endIndex());
      if (start < end) {
        long shift = binding.slot().range().start() - binding.firstIndex();
        bound.add(new Bound(binding.slot(), new GfnRange(start + shift, end + shift)));
      }
    }
    return bound;
  }

  /**
   * Returns the page at an index if it has a frame, as a {@link HostPage} with the folio's order;
   * else 0.
   */
  public long find(long index) {
    return index < 0 || index >= Math.min(pages, MOST_FRAMES) ? 0 : folios.find(index, true);
  }

  /**
   * Returns the page at an index, taking frames if there are none: {@code kvm_gmem_get_pfn()}.
   *
   * @return a {@link HostPage} with the folio's order; an error EFAULT behind the end of the file
   *     or if it is closed, ENOMEM if the host has no frame
   */
  public long get(long index) {
    if (index < 0 || index >= pages || closed) {
      return HostPage.error(Errno.EFAULT);
    }
    if (index >= MOST_FRAMES) {
      return HostPage.error(Errno.ENOMEM);
    }
    long page = folios.find(index, true);
    if (page != 0) {
      return page;
    }
    if (invalidateLock == null) {
      return allocateFolio(index);
    }
    invalidateLock.lockRead();
    try {
      return closed ? HostPage.error(Errno.EFAULT) : allocateAmongThreads(index);
    } finally {
      invalidateLock.unlockRead();
    }
  }

  private long allocateAmongThreads(long index) {
    long page = folios.find(index, true);
    if (page != 0) {
      return page;
    }
    if (folioOrder == 0) {
      return allocateSmall(index);
    }
    synchronized (this) {
      page = folios.find(index, true);
      return page != 0 ? page : allocateFolio(index);
    }
  }

  private long allocateFolio(long index) {
    if (folioOrder > 0 && (allocateLarge(index, ORDER_1G) || allocateLarge(index, ORDER_2M))) {
      return folios.find(index, true);
    }
    return allocateSmall(index);
  }

  private long allocateSmall(long index) {
    long pfn = host.allocate(0);
    if (pfn == HostMemory.NONE) {
      long other = folios.find(index, true); // another thread may have got the last frame for it
      return other != 0 ? other : HostPage.error(Errno.ENOMEM);
    }
    if (!folios.addSmall(index, pfn)) {
      host.free(pfn, 0);
      return folios.find(index, true);
    }
    return HostPage.of(pfn, 0, /* writable= */ true);
  }

  private boolean allocateLarge(long index, int order) {
    long start = index >>> order << order;
    if (order > folioOrder || start + (1L << order) > pages) {
      return false;
    }
    int first = (int) (start >>> ORDER_2M);
    int behind = first + (1 << (order - ORDER_2M));
    for (int region = first; region < behind; region++) {
      if (folios.largeEntry(region) != 0 || folios.hasTable(region)) {
        return false;
      }
    }
    long pfn = host.allocate(order);
    if (pfn == HostMemory.NONE) {
      return false;
    }
    for (int region = first; region < behind; region++) {
      folios.setLarge(region, pfn + (long) (region - first) * FolioMap.REGION_PAGES, order);
    }
    return true;
  }

  /**
   * Allocates a range ({@code fallocate}).
   *
   * @return 0; EBADF if the file is closed; EFBIG for a range behind the largest offset; EINVAL for
   *     one that is empty, unaligned or leaves the file; ENOMEM, and what was allocated before
   *     stays
   */
  public int allocate(long offset, long length) {
    int errno = errnoOfRange(offset, length);
    if (errno != 0) {
      return errno;
    }
    if (offset + length > pages << PAGE_SHIFT) {
      return Errno.EINVAL;
    }
    long end = (offset + length) >>> PAGE_SHIFT;
    for (long index = offset >>> PAGE_SHIFT; index < end; index++) {
      if (HostPage.isError(get(index))) {
        return Errno.ENOMEM;
      }
    }
    return 0;
  }

  /**
   * Judges a hole to punch: 0, EBADF if the file is closed, EFBIG for a range behind the largest
   * offset, or EINVAL for one that is empty or unaligned. A range behind the end of the file is no
   * error and does nothing.
   */
  public int errnoOfPunch(long offset, long length) {
    return errnoOfRange(offset, length);
  }

  /** The checks of {@code vfs_fallocate()}, then those of {@code kvm_gmem_fallocate()}. */
  private int errnoOfRange(long offset, long length) {
    if (closed) {
      return Errno.EBADF;
    }
    if (offset < 0 || length <= 0) {
      return Errno.EINVAL;
    }
    if (offset + length < 0) {
      return Errno.EFBIG;
    }
    return ((offset | length) & PAGE_MASK) == 0 ? 0 : Errno.EINVAL;
  }

  /**
   * Gives the frames of the pages {@code [from, to)} back; nothing maps them any more. Folios that
   * reach beyond are split.
   */
  public void truncate(long from, long to) {
    if (invalidateLock == null) {
      truncateAlone(from, to);
      return;
    }
    invalidateLock.lockWrite();
    try {
      truncateAlone(from, to);
    } finally {
      invalidateLock.unlockWrite();
    }
  }

  private void truncateAlone(long from, long to) {
    long end = Math.min(to, Math.min(pages, MOST_FRAMES));
    long index = from;
    while (index < end) {
      long entry = folios.largeEntry((int) (index >>> ORDER_2M));
      if (entry == 0) {
        index = truncateSmall(index, end);
      } else {
        index = truncateLarge(index, end, FolioMap.entryOrder(entry));
      }
    }
    if (from < end) {
      content.clear(from, end);
    }
  }

  private long truncateSmall(long from, long end) {
    int region = (int) (from >>> ORDER_2M);
    long stop = Math.min(end, (from | (FolioMap.REGION_PAGES - 1)) + 1);
    if (folios.hasTable(region)) {
      for (long index = from; index < stop; index++) {
        long pfn = folios.clearSmall(index);
        if (pfn != HostMemory.NONE) {
          host.free(pfn, 0);
        }
      }
      folios.dropEmptyTable(region);
    }
    return stop;
  }

  private long truncateLarge(long index, long end, int order) {
    long start = index >>> order << order;
    int first = (int) (start >>> ORDER_2M);
    int behind = first + (1 << (order - ORDER_2M));
    if (start == index && start + (1L << order) <= end) {
      host.free(FolioMap.entryPfn(folios.largeEntry(first)), order);
      for (int region = first; region < behind; region++) {
        folios.clearLarge(region);
      }
      return start + (1L << order);
    }
    if (order == ORDER_2M) {
      folios.splitToSmall(first);
    } else {
      for (int region = first; region < behind; region++) {
        folios.setLarge(region, FolioMap.entryPfn(folios.largeEntry(region)), ORDER_2M);
      }
    }
    return index;
  }

  /** Returns the byte that stands for the content of a page. */
  public int readByte(long index) {
    return content.get(index);
  }

  /** Writes the byte that stands for the content of a page. */
  public void writeByte(long index, int value) {
    content.set(index, value);
  }

  /**
   * Gives all frames back; nothing maps them any more. Slots that were bound have no private side
   * from now on: their private accesses fail.
   */
  public void close() {
    closed = true;
    synchronized (this) {
      bindings.clear();
    }
    truncate(0, pages);
  }
}
