package dev.broadsheet.core.vm;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.mmu.fault.PageFault;
import dev.broadsheet.core.mmu.fault.RetPf;

/** {@code KVM_PRE_FAULT_MEMORY}: pages are mapped as if the guest had read them. */
final class PreFault {
  private static final int PAGE_SHIFT = 12;
  private static final long PAGE_MASK = (1L << PAGE_SHIFT) - 1;

  private final VmParts parts;
  private final GuestAccesses accesses;

  /** A TD allows it only once it may run. */
  private boolean allowed;

  PreFault(VmParts parts, GuestAccesses accesses) {
    this.parts = parts;
    this.accesses = accesses;
    this.allowed = parts.td == null;
  }

  void allow() {
    allowed = true;
  }

  int run(Vcpu cpu, long gpa, long bytes, long flags, long[] done) {
    done[0] = 0;
    if (flags != 0
        || ((gpa | bytes) & PAGE_MASK) != 0
        || Long.compareUnsigned(gpa + bytes, gpa) <= 0) {
      return Errno.EINVAL;
    }
    if (!allowed) {
      return Errno.EOPNOTSUPP;
    }
    long at = gpa;
    int errno = 0;
    while (at != gpa + bytes) {
      errno = page(cpu, at);
      if (errno != 0) {
        break;
      }
      long size = PageLevel.of(cpu.mmu.fault().goalLevel()).pages() << PAGE_SHIFT;
      at += Math.min(gpa + bytes - at, (at & -size) + size - at);
    }
    done[0] = at - gpa;
    parts.quiet();
    return at == gpa ? errno : 0;
  }

  private int page(Vcpu cpu, long gpa) {
    try {
      parts.faultPath.reload(cpu.mmu);
    } catch (KernelOutOfMemoryException e) {
      return Errno.ENOMEM;
    }
    boolean isPrivate =
        parts.spec.hasPrivateMemory()
            && PageAttributes.isPrivate(parts.environment.attributes(gpa >>> PAGE_SHIFT));
    AccessResult result = cpu.result.begin(isPrivate);
    for (int tries = 0; tries < parts.mostRetries; tries++) {
      cpu.mmu.fault().begin(gpa, PageFault.GUEST_FINAL, isPrivate, /* isPrefetch= */ true, 3);
      RetPf ret = accesses.handleFault(cpu, result);
      switch (ret) {
        case RETRY -> {
          if (cpu.mmu.loadedRoot() != parts.mmu.direct().root()) {
            // Only a guest entry drops an obsolete root: the ioctl waits until a signal comes.
            return Errno.EINTR;
          }
          parts.mmu.lock().pause();
        }
        case ERROR -> {
          return cpu.mmu.fault().errno();
        }
        case EMULATE -> {
          return Errno.ENOENT;
        }
        case CONTINUE, INVALID -> {
          return Errno.EIO;
        }
        case FIXED, SPURIOUS, WRITE_PROTECTED -> {
          return 0;
        }
      }
    }
    return Errno.EINTR;
  }
}
