/**
 * Kernel memory: the one seam through which every strategy and every page table reaches state.
 *
 * <p>The shapes are those of the kernel: {@link KernelArray} is what {@code kvcalloc} gives, {@link
 * ObjectCache} what {@code kmem_cache_create} gives, {@link KernelLock} a mutex or a spinlock.
 * Because all state passes through here, the lab can count its bytes, loads, stores and cache
 * lines, let any allocation fail, and decide which thread takes the next step, without any help
 * from the strategy.
 *
 * <p><b>Memory ordering stands in the method names</b>: {@code get} acquires, {@code set} releases,
 * {@code compareAndSet} and {@code getAndAdd} do both; {@code getPlain} and {@code setPlain} order
 * nothing and are for words that only one thread can touch at the time, or that a lock protects.
 *
 * <p>Sizes are bytes of the modelled kernel, not of the Java heap. Indexes and lengths are counted
 * in elements.
 */
@NullMarked
package dev.broadsheet.api.memory;

import org.jspecify.annotations.NullMarked;
