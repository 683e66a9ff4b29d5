package dev.broadsheet.core.vm;

import dev.broadsheet.core.mmu.tdp.ExternalTables;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.tdx.TdxModule;
import java.util.Map;

/** What a machine does only if it is a TD. */
interface TdSide extends TdpMmu.RemoteTlb {
  /** Returns the tables behind the mirror tree. */
  ExternalTables external();

  /** Returns the module, so that tests can make it fail. */
  TdxModule module();

  /** Joins the TD and the machine around it. */
  void attach(VmParts parts, GuestAccesses accesses);

  /** A vCPU touches a private address. */
  void access(Vcpu cpu, long gpa, Access access, AccessResult result);

  /** A vCPU accepts a private range. */
  void accept(Vcpu cpu, long gpa, long bytes, AccessResult result);

  /** Adds pages before the TD runs; returns 0 or the error number. */
  int addPages(Vcpu cpu, long gpa, long bytes);

  /** The TD may run. */
  void finalizeTd();

  /** The TD ends: hardware cannot reach its memory any more. */
  void releaseKey();

  /** Gives back what is left of the TD, after its page tables. */
  void reclaim();

  /** Checks the TD. */
  void audit();

  /** Sets who is told of SEAMCALLs and kicks. */
  void observe(TdObserver observer);

  /** Adds the TD's counters. */
  void book(Map<String, Long> books);
}
