package dev.broadsheet.core.vm;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.mmu.fault.FaultPath;
import dev.broadsheet.core.mmu.fault.PageFault;
import dev.broadsheet.core.mmu.fault.RetPf;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.spte.SpteLayout;
import dev.broadsheet.core.mmu.tdp.TdpIterator;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.TdpTree;
import org.jspecify.annotations.Nullable;

/** The guest touches pages: hardware walks, and KVM handles the faults until it succeeds. */
final class GuestAccesses {
  private static final int PAGE_SHIFT = 12;

  private final VmParts parts;
  private final VmSpec spec;
  private final TdpMmu mmu;
  private final FaultPath faultPath;
  private final VmFaultEnvironment environment;
  private final @Nullable TdSide td;
  private final int mostRetries;
  private final boolean logsDirtyBits;

  GuestAccesses(VmParts parts) {
    this.parts = parts;
    this.spec = parts.spec;
    this.mmu = parts.mmu;
    this.faultPath = parts.faultPath;
    this.environment = parts.environment;
    this.td = parts.td;
    this.mostRetries = parts.mostRetries;
    this.logsDirtyBits = parts.logsDirtyBits;
  }

  void access(Vcpu cpu, long gpa, Access access, boolean isPrivate) {
    AccessResult result = cpu.result.begin(isPrivate);
    if (td != null && isPrivate) {
      td.access(cpu, gpa, access, result);
    } else {
      walkAccess(cpu, gpa, access, result);
    }
  }

  /** An access through the tree that hardware walks. */
  private void walkAccess(Vcpu cpu, long gpa, Access access, AccessResult result) {
    long gfn = gpa >>> PAGE_SHIFT;
    TdpTree tree = mmu.direct();
    TdpIterator walk = cpu.hardware;
    for (int tries = 0; tries < mostRetries; tries++) {
      if (loadRoots(cpu, result)) {
        return;
      }
      long spte = MappingLevels.walk(walk, tree, cpu.mmu.loadedRoot(), gfn);
      boolean leaf = Spte.isLeaf(spte, walk.level());
      if (leaf && tree.layout().allows(spte, access.isWrite(), access.isFetch())) {
        long touched = tree.layout().touched(spte, access.isWrite());
        if (touched == spte || mmu.changes().fixFast(walk, spte, touched)) {
          if (logsDirtyBits && tree.layout().isDirty(touched) && !tree.layout().isDirty(spte)) {
            logWrite(gfn);
          }
          result.level = walk.level();
          return;
        }
        continue;
      }
      long code = access.errorCode();
      if (leaf && !SpteLayout.isTracked(spte)) {
        code |= PageFault.PRESENT;
      } else if (tree.layout().isMmio(spte, tree.keep())) {
        code |= PageFault.RESERVED;
      }
      // A reserved fault is an access to emulated MMIO, which is always shared.
      boolean isPrivate =
          td == null
              && spec.hasPrivateMemory()
              && (code & PageFault.RESERVED) == 0
              && PageAttributes.isPrivate(environment.attributes(gfn));
      cpu.mmu.fault().begin(gpa, code, isPrivate, /* isPrefetch= */ false, 3);
      result.isPrivate = isPrivate;
      RetPf ret = handleFault(cpu, result);
      if (ends(ret, cpu, result)) {
        return;
      }
    }
    throw new IllegalStateException(
        "gfn 0x%x faults again and again; last answer: %s".formatted(gfn, result));
  }

  /** Hardware set a dirty bit and logs the page, if its slot asks for it. */
  private void logWrite(long gfn) {
    KvmMemslot slot = parts.slots.find(gfn);
    if (slot != null && slot.logsDirtyPages()) {
      parts.dirty.mark(slot, gfn);
    }
  }

  /** Loads a vCPU's roots; returns whether the access ends because there is no memory for one. */
  boolean loadRoots(Vcpu cpu, AccessResult result) {
    try {
      faultPath.load(cpu.mmu);
      return false;
    } catch (KernelOutOfMemoryException e) {
      result.errno = Errno.ENOMEM;
      result.end(AccessOutcome.ERROR);
      return true;
    }
  }

  /** Handles the fault that was begun, and bills it. */
  RetPf handleFault(Vcpu cpu, AccessResult result) {
    result.faults++;
    OperationHook operations = parts.billing.hook();
    if (operations == null) {
      return handleInSection(cpu);
    }
    operations.begin(OperationHook.Kind.FAULT);
    RetPf ret = handleInSection(cpu);
    operations.end(OperationHook.Kind.FAULT);
    return ret;
  }

  private RetPf handleInSection(Vcpu cpu) {
    cpu.mmu.srcuReadLock();
    try {
      return faultPath.handle(cpu.mmu);
    } finally {
      cpu.mmu.srcuReadUnlock();
    }
  }

  /** Returns whether the access ends with this answer of the fault path. */
  boolean ends(RetPf ret, Vcpu cpu, AccessResult result) {
    switch (ret) {
      case RETRY -> {
        if (mmu.invalidation().isOpen()
            && !spec.hasThreads()
            && mmu.invalidation().covers(cpu.mmu.fault().gfn())) {
          result.end(AccessOutcome.RETRY);
          return true;
        }
        mmu.lock().pause();
        return false;
      }
      case EMULATE, WRITE_PROTECTED -> {
        result.end(AccessOutcome.MMIO);
        return true;
      }
      case ERROR -> {
        result.errno = cpu.mmu.fault().errno();
        result.end(
            cpu.mmu.fault().isMemoryFaultExit() ? AccessOutcome.MEMORY_FAULT : AccessOutcome.ERROR);
        return true;
      }
      case CONTINUE, INVALID, FIXED, SPURIOUS -> {
        return false;
      }
    }
    return false;
  }
}
