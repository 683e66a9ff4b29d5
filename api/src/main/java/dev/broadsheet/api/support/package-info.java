/**
 * Helpers that a strategy may use or leave: what most designs need beside their own structure.
 *
 * <ul>
 *   <li>{@link dev.broadsheet.api.support.SlotMap}: which memslot holds a gfn, and what the tracker
 *       keeps for it.
 *   <li>{@link dev.broadsheet.api.support.AttributeRuns}: the simplest truth, sorted runs in kernel
 *       memory; also the store for gfns outside memslots.
 *   <li>{@link dev.broadsheet.api.support.MixedBlocks}: which blocks a conversion turns mixed or
 *       uniform.
 * </ul>
 *
 * <p>They take their growing state from {@link dev.broadsheet.api.memory.KernelMemory} like
 * everything else, so their bytes and references are billed to the strategy that uses them.
 */
@NullMarked
package dev.broadsheet.api.support;

import org.jspecify.annotations.NullMarked;
