/** The machine: kernel memory, KVM's TDP MMU, the TDX module, and the VM that joins them. */
module dev.broadsheet.core {
  requires transitive dev.broadsheet.api;
  requires transitive com.google.common;

  exports dev.broadsheet.core.host;
  exports dev.broadsheet.core.memory;
  exports dev.broadsheet.core.memslot;
  exports dev.broadsheet.core.strategy;
  exports dev.broadsheet.core.mmu.sync;
  exports dev.broadsheet.core.mmu.fault;
  exports dev.broadsheet.core.mmu.tdp;
  exports dev.broadsheet.core.mmu.spte;
  exports dev.broadsheet.core.mmu;
  exports dev.broadsheet.core.vm;
  exports dev.broadsheet.core.vm.attributes;
  exports dev.broadsheet.core.tdx;
  exports dev.broadsheet.core.tdx.content;
  exports dev.broadsheet.core.tdx.pamt;
  exports dev.broadsheet.core.tdx.script;
  exports dev.broadsheet.core.tdx.sept;
  exports dev.broadsheet.core.tdx.td;

  uses dev.broadsheet.api.TrackingStrategy;
}
