/**
 * The fault path: from a nested page fault to an entry, in the order of the kernel.
 *
 * <p>Source: Linux v6.12 and v6.16, arch/x86/kvm/mmu/mmu.c: kvm_tdp_mmu_page_fault(),
 * kvm_faultin_pfn(), kvm_mmu_hugepage_adjust(); tdp_mmu.c: kvm_tdp_mmu_map().
 */
@NullMarked
package dev.broadsheet.core.mmu.fault;

import org.jspecify.annotations.NullMarked;
