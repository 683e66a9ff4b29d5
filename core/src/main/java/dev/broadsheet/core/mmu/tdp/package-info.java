/**
 * The two-dimensional-paging MMU: trees of tables, their roots, and everything that walks and
 * changes them.
 *
 * <p>A TDX virtual machine has a direct tree (shared pages, walked by hardware) and a mirror tree
 * (KVM's copy of the Secure EPT). The MMU knows TDX only through {@link
 * dev.broadsheet.core.mmu.tdp.SpteWriter}: the direct writer is a compare-and-set, the mirror
 * writer freezes, calls, publishes. What to zap is decided by callers and told as a choice of
 * roots.
 */
@NullMarked
package dev.broadsheet.core.mmu.tdp;

import org.jspecify.annotations.NullMarked;
