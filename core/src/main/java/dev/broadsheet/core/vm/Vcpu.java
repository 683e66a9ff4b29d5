package dev.broadsheet.core.vm;

import dev.broadsheet.core.memory.OwnLines;
import dev.broadsheet.core.mmu.fault.VcpuMmu;
import dev.broadsheet.core.mmu.tdp.TdpIterator;

/** One vCPU: what it has of the MMU, and the walk that stands for its hardware. */
final class Vcpu extends OwnLines {
  /** No page. */
  static final long NONE = -1;

  final int id;
  final VcpuMmu mmu;
  final TdpIterator hardware;
  final AccessResult result = new AccessResult();

  /** A TD's guest: page of the private access that did not finish, or {@link #NONE}. */
  long unfinishedGfn = NONE;

  /** Page whose private fault was told RETRY, so that the vCPU stayed outside, or NONE. */
  long retriedGfn = NONE;

  /** An event waits to be delivered; set by anybody. */
  volatile boolean interruptPending;

  Vcpu(int id, VcpuMmu mmu, TdpIterator hardware) {
    this.id = id;
    this.mmu = mmu;
    this.hardware = hardware;
  }
}
