package dev.broadsheet.core.vm;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.vm.attributes.AttributesAnswer;

/** {@code KVM_SET_MEMORY_ATTRIBUTES}, with the start-up fill before it and the merge after it. */
final class AttributeCalls {
  private static final int PAGE_SHIFT = 12;
  private static final long PAGE_MASK = (1L << PAGE_SHIFT) - 1;

  private final VmParts parts;
  private long filledPages;

  AttributeCalls(VmParts parts) {
    this.parts = parts;
  }

  /** Returns the pages outside slots that were filled before they changed. */
  long filledPages() {
    return filledPages;
  }

  AttributesAnswer change(long gpa, long bytes, long attributes, long flags) {
    parts.billing.begin(OperationHook.Kind.CONVERT);
    AttributesAnswer answer;
    try {
      fillOutside(gpa, bytes, attributes, flags);
      answer = parts.attributesFlow.ioctl(gpa, bytes, attributes, flags);
    } catch (KernelOutOfMemoryException e) {
      answer = new AttributesAnswer(Errno.ENOMEM, null, String.valueOf(e.getMessage()));
    } finally {
      parts.billing.end(OperationHook.Kind.CONVERT);
    }
    GfnRange converted = answer.converted();
    if (converted != null) {
      if (parts.spec.is("merge", "promote") && parts.td != null) {
        mergeAround(converted);
      }
    }
    parts.quiet();
    return answer;
  }

  /** Where tracker and machine disagree on untouched gfns, they agree before the range changes. */
  private void fillOutside(long gpa, long bytes, long attributes, long flags) {
    boolean legal =
        flags == 0
            && bytes > 0
            && gpa >= 0
            && ((gpa | bytes) & PAGE_MASK) == 0
            && (attributes & ~(long) PageAttributes.PRIVATE) == 0
            && gpa + bytes > 0
            && parts.spec.hasPrivateMemory();
    if (!parts.fill.isNeeded() || !legal) {
      return;
    }
    parts.slotsLock.lock();
    try {
      filledPages += parts.fill.fill(GfnRange.ofPages(gpa >>> PAGE_SHIFT, bytes >>> PAGE_SHIFT));
    } finally {
      parts.slotsLock.unlock();
    }
  }

  private void mergeAround(GfnRange converted) {
    TdpMmu mmu = parts.mmu;
    mmu.lock().lockWrite();
    try {
      PageLevel level = PageLevel.PG_LEVEL_2M;
      for (long gfn = level.roundDown(converted.start());
          gfn < converted.end();
          gfn += level.pages()) {
        if (parts.levels.effective(gfn).number() >= level.number()) {
          mmu.privateHugePages().promote(gfn, level.number());
        }
      }
    } finally {
      mmu.lock().unlockWrite();
    }
  }
}
