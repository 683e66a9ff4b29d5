/**
 * Helpers that a strategy may use or leave: what most designs need beside their own structure.
 *
 * <p>A tracker is complete with one of these and the design itself, some hundred lines:
 *
 * <ul>
 *   <li>{@link dev.broadsheet.api.support.GfnTracker}: one structure for all gfns, such as a tree.
 *   <li>{@link dev.broadsheet.api.support.SlotTracker}: something for each memslot, such as arrays;
 *       {@link dev.broadsheet.api.support.SlotBlocks} has what is common to arrays, {@link
 *       dev.broadsheet.api.support.SlotAttributes} is all that is asked.
 * </ul>
 *
 * <p>What they are made of can be used alone:
 *
 * <ul>
 *   <li>{@link dev.broadsheet.api.support.SlotMap}: which memslot holds a gfn, and what the tracker
 *       keeps for it.
 *   <li>{@link dev.broadsheet.api.support.AttributeRuns}: the simplest truth, sorted runs in kernel
 *       memory; also the store for gfns outside memslots.
 *   <li>{@link dev.broadsheet.api.support.MixedBlocks}: which blocks a conversion turns mixed or
 *       uniform.
 *   <li>{@link dev.broadsheet.api.support.ReusedConversion}: a conversion without garbage.
 * </ul>
 *
 * <p>They take their growing state from {@link dev.broadsheet.api.memory.KernelMemory} like
 * everything else, so their bytes and references are billed to the strategy that uses them.
 */
@NullMarked
package dev.broadsheet.api.support;

import org.jspecify.annotations.NullMarked;
