/** The machine: kernel memory, KVM's TDP MMU, the TDX module, and the VM that joins them. */
module dev.broadsheet.core {
  requires transitive dev.broadsheet.api;

  exports dev.broadsheet.core.memory;
}
