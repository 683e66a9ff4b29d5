/**
 * The virtual machine: its specification, its vCPUs, its memslots and attributes, and the decisions
 * at the edge of the MMU: what is zapped, split, merged, and why.
 *
 * <p>{@link dev.broadsheet.core.vm.VirtualMachine} joins memslots, host memory, the TDP MMU, a
 * tracking strategy and, for a TD, the TDX module. {@link dev.broadsheet.core.vm.VmSpec} holds
 * every policy as a knob.
 */
@NullMarked
package dev.broadsheet.core.vm;

import org.jspecify.annotations.NullMarked;
