/**
 * Kernel memory as the machine provides it: one storage, and wrappers that watch, break or schedule
 * what happens to it.
 *
 * <pre>
 *   PlainMemory          storage: Java arrays, and slabs laid out as SLUB lays them out
 *   MeteredMemory        counts bytes, loads, stores, lines and work under locks into a MemoryMeter
 *   FailingMemory        the n-th allocation fails
 *   CheckingMemory       use after free, double free, words outside an object, lock misuse
 *   InterleavingMemory   each ordered access, lock or RCU step asks a scheduler who goes next
 * </pre>
 *
 * <p>The wrappers take any {@link dev.broadsheet.api.memory.KernelMemory}, so they stack. All that
 * defer a free share one {@link dev.broadsheet.core.memory.Rcu}: an object that is given back
 * through a stack of wrappers waits once, in the outermost of them.
 */
@NullMarked
package dev.broadsheet.core.memory;

import org.jspecify.annotations.NullMarked;
