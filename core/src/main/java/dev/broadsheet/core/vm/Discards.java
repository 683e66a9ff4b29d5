package dev.broadsheet.core.vm;

import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.host.GuestMemfd;
import dev.broadsheet.core.host.SharedBacking;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.mmu.tdp.AttributeFilter;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.ZapReason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * User space gives guest memory back: holes in guest_memfds, {@code madvise} on user memory.
 *
 * <p>Source: Linux v6.12, virt/kvm/guest_memfd.c: kvm_gmem_punch_hole(), kvm_gmem_release().
 */
final class Discards {
  private static final int PAGE_SHIFT = 12;

  private final VmParts parts;
  private final TdpMmu mmu;
  private final @Nullable TdSide td;
  private final PrivateSplits splits;

  Discards(VmParts parts) {
    this.parts = parts;
    this.mmu = parts.mmu;
    this.td = parts.td;
    this.splits = parts.splits;
  }

  void other(long gpa, long bytes, boolean toPrivate) {
    forEachBacking(
        gpa,
        bytes,
        (backing, start, end) -> {
          if (toPrivate) {
            SharedBacking shared = backing.shared();
            if (shared != null) {
              shared.dontNeed(backing.sharedIndex(start), backing.sharedIndex(end));
            }
          } else if (backing.gmem() != null) {
            punch(backing.gmem(), backing.gmemIndex(start), backing.gmemIndex(end));
          }
        });
  }

  void both(long gpa, long bytes) {
    forEachBacking(
        gpa,
        bytes,
        (backing, start, end) -> {
          SharedBacking shared = backing.shared();
          if (shared != null) {
            shared.dontNeed(backing.sharedIndex(start), backing.sharedIndex(end));
          }
          if (backing.gmem() != null) {
            punch(backing.gmem(), backing.gmemIndex(start), backing.gmemIndex(end));
          }
        });
    parts.quiet();
  }

  /** A part of a slot's backing. */
  private interface BackingVisitor {
    void visit(SlotBacking backing, long start, long end);
  }

  private void forEachBacking(long gpa, long bytes, BackingVisitor visitor) {
    long start = gpa >>> PAGE_SHIFT;
    long end = (gpa + bytes) >>> PAGE_SHIFT;
    var table = parts.slots.table();
    for (int i = table.firstEndingAfter(start); i < table.size(); i++) {
      KvmMemslot slot = table.at(i);
      if (slot.start() >= end) {
        break;
      }
      visitor.visit(
          parts.backings.of(slot), Math.max(start, slot.start()), Math.min(end, slot.end()));
    }
  }

  int punchHole(GuestMemfd gmem, long offset, long bytes) {
    int errno = gmem.errnoOfPunch(offset, bytes);
    if (errno != 0) {
      return errno;
    }
    errno = punch(gmem, offset >>> PAGE_SHIFT, (offset + bytes) >>> PAGE_SHIFT);
    parts.quiet();
    return errno;
  }

  void close(GuestMemfd gmem) {
    punch(gmem, 0, gmem.pages());
    gmem.close();
    parts.quiet();
  }

  /**
   * Unmaps, gives the frames back, and only then closes the window in which faults retry.
   *
   * @return 0, or ENOMEM if a leaf across the edge could not be split; nothing has gone then
   */
  private int punch(GuestMemfd gmem, long from, long to) {
    List<GuestMemfd.Bound> bound = gmem.bound(from, to);
    if (bound.isEmpty()) {
      gmem.truncate(from, to);
      return 0;
    }
    int errno = 0;
    mmu.lock().lockWrite();
    mmu.invalidation().begin();
    // The folios at the edges are split: a fault beside the hole must not map one whole meanwhile.
    long folio = 1L << VmShape.folioOrder(parts.spec);
    for (GuestMemfd.Bound part : bound) {
      mmu.invalidation()
          .add(part.range().start() & -folio, (part.range().end() + folio - 1) & -folio);
    }
    try {
      zapBound(bound);
    } catch (KernelOutOfMemoryException e) {
      errno = Errno.ENOMEM;
    } finally {
      mmu.lock().unlockWrite();
    }
    if (errno == 0) {
      gmem.truncate(from, to);
    }
    mmu.lock().lockWrite();
    mmu.invalidation().end();
    mmu.lock().unlockWrite();
    return errno;
  }

  private void zapBound(List<GuestMemfd.Bound> bound) {
    if (td != null) {
      for (GuestMemfd.Bound part : bound) {
        splits.before(part.range().start(), part.range().end());
      }
    }
    boolean flush = false;
    for (GuestMemfd.Bound part : bound) {
      flush |=
          mmu.leafZap()
              .zapLeafs(
                  AttributeFilter.PRIVATE,
                  part.range().start(),
                  part.range().end(),
                  ZapReason.PUNCH);
    }
    if (flush) {
      mmu.flushRemoteTlbs();
    }
  }
}
