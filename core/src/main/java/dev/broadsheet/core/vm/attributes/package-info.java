/**
 * {@code KVM_SET_MEMORY_ATTRIBUTES}: the change of attributes as KVM carries it out, over any
 * tracker and any MMU.
 *
 * <p>{@link dev.broadsheet.core.vm.attributes.SetMemoryAttributes} is the flow, {@link
 * dev.broadsheet.core.vm.attributes.ConversionMmu} what it needs of the MMU.
 *
 * <p>Source: Linux v6.12, virt/kvm/kvm_main.c: kvm_vm_set_mem_attributes(); arch/x86/kvm/mmu/mmu.c:
 * kvm_arch_pre_set_memory_attributes(), with the guards for blocks at the edges that were added in
 * the stable series.
 */
@NullMarked
package dev.broadsheet.core.vm.attributes;

import org.jspecify.annotations.NullMarked;
