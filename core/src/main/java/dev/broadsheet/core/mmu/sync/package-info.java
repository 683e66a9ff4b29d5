/**
 * Who may do what at the same time: {@code mmu_lock}, the invalidation protocol between zaps and
 * faults. {@code core/LOCKING.md} has the whole table.
 */
@NullMarked
package dev.broadsheet.core.mmu.sync;

import org.jspecify.annotations.NullMarked;
