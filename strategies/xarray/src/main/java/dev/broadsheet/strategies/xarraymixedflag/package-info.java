/**
 * xarray-mixed-flag: what Linux merged in 6.8.
 *
 * <p><b>Idea.</b> One array per machine has an entry for each 4K page that differs from the
 * default; bit 31 of the memslot's large-page words says which blocks are mixed. The fault path
 * reads those words anyway.
 *
 * <pre>{@code
 * mem_attr_array   gfn -> 0x11 (private)          never several pages in one entry
 *                    |  recomputed at the ends of each range, cleared in the middle
 *                    v
 * lpage_info 2M    [0x80000000][0][0][0x80000000] ...     bit 31: mixed
 *                    |  a 1G block is uniform if its 512 children are, and begin alike
 *                    v
 * lpage_info 1G    [0x80000000] ...
 * }</pre>
 *
 * <p><b>Conversion</b>, in the kernel's phases: is there anything to do; reserve an entry for every
 * page, also where pages become absent (may fail, so before all else); store; recompute the flags
 * of the cut blocks at both ends and clear those of the covered ones.
 *
 * <p><b>Cost.</b> Fault: one walk, 3 nodes below 1 GiB, 4 below 64 GiB, 5 below 4 TiB. Conversion
 * of n pages: n reserved, n stored, at most 2 x 512 steps for cut 2M blocks and 2 x 512 flags and
 * walks for cut 1G blocks.
 *
 * <p><b>Bytes per GiB of guest</b>, all stored: 2,396,736 (4,161 nodes of 576 bytes); nothing
 * stored: 0; one stored page in each 2M: 332,352; alternate pages: as all stored.
 *
 * <p><b>Departures.</b> A run of pages in one leaf is reserved and stored with one descent, and the
 * 512 children of a cut 1G block are looked up from the node above their leaves, where Linux
 * descends for each page and each child ({@code walk=index} does as Linux does, for counting).
 * After {@code -ENOMEM} Linux leaves its reservations in place; here they are taken back (R8).
 *
 * <p><b>Source.</b> Linux v6.12: virt/kvm/kvm_main.c kvm_vm_set_mem_attributes,
 * kvm_range_has_memory_attributes; arch/x86/kvm/mmu/mmu.c kvm_arch_post_set_memory_attributes,
 * hugepage_has_attrs, kvm_mmu_init_memslot_memory_attributes. {@code defect=slot-end} brings back
 * the bug that was mended in March 2024: a block that begins inside its slot and ends behind it had
 * its word written.
 *
 * <p><b>Weak where.</b> A confidential guest is nearly all private, so the array is dense: 9.14
 * bytes per page. A whole range costs what its pages cost.
 */
@NullMarked
package dev.broadsheet.strategies.xarraymixedflag;

import org.jspecify.annotations.NullMarked;
