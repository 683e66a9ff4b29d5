/**
 * Memory slots: which gfns have memory, where user space keeps it, and KVM's large-page words.
 *
 * <p>{@link dev.broadsheet.core.memslot.Memslots} is the registry of one virtual machine, {@link
 * dev.broadsheet.core.memslot.KvmMemslot} a slot, {@link dev.broadsheet.core.memslot.SlotLpageInfo}
 * its {@code lpage_info}, and {@link dev.broadsheet.core.memslot.LpageInfoWords} the view that
 * trackers get.
 *
 * <p>Source: Linux v6.12, virt/kvm/kvm_main.c and arch/x86/kvm/x86.c.
 */
@NullMarked
package dev.broadsheet.core.memslot;

import org.jspecify.annotations.NullMarked;
