package dev.broadsheet.core.vm;

import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.host.HostMemory;
import dev.broadsheet.core.mmu.fault.FaultPath;
import dev.broadsheet.core.mmu.tdp.ExternalTables;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import java.util.Map;

/** What a machine does only if it is a TD. */
interface TdSide extends TdpMmu.RemoteTlb {
  @SuppressWarnings("DoNotCallSuggester") // the only caller asks for the kind first
  static TdSide create(VmSpec spec, HostMemory host, KernelMemory memory) {
    throw new IllegalArgumentException("kind=tdx is not built yet; " + spec);
  }

  ExternalTables external();

  void attach(
      VirtualMachine vm,
      TdpMmu mmu,
      FaultPath faultPath,
      PrivateLevelPolicy levels,
      PrivateSplits splits);

  PrivateSplits splits();

  void access(Vcpu cpu, long gpa, Access access, AccessResult result);

  void accept(Vcpu cpu, long gpa, long bytes, AccessResult result);

  int addPages(Vcpu cpu, long gpa, long bytes);

  void finalizeTd();

  void releaseKey();

  void reclaim();

  void audit();

  void book(Map<String, Long> books);
}
