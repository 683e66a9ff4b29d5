/**
 * flat-bitmap: one bit per page, and counters per block.
 *
 * <p><b>Idea.</b> A memslot has a bit for each page, set where the page is not what it was at
 * first. For each 2M and 1G block it counts the bits that are set: the block is uniform if the
 * count is none or all. The bits of a 2M block are one line of 64 bytes.
 *
 * <pre>{@code
 * bitmap     64 bits a word, 8 words a 2M block
 *            [0 0 0 0 0 0 0 0][1 0 0 0 0 0 0 0][1 1 1 1 1 1 1 1]   1: 64 pages that differ
 * count.2m   [              0][             64][            512]   u16: 0 and 512 are uniform
 * count.1g   [                             576 ...             ]   u32: 0 and 262,144 are uniform
 * }</pre>
 *
 * <p><b>Cost.</b> Fault: one load for the attribute, one for each level asked. Conversion: a load
 * and a store for each 64 pages, and for each 2M block that is touched two counters loaded and
 * stored, and loaded twice each to see whether it turned. No scan and no allocation, so it cannot
 * run out of memory.
 *
 * <p><b>Bytes per GiB of guest</b>, whatever its state: 33,796 (32,768 of bits, 1,024 and 4 of
 * counters).
 *
 * <p><b>Outside memslots</b>: runs, as {@link dev.broadsheet.api.support.SlotTracker} keeps them
 * for any design whose state hangs on slots.
 *
 * <p><b>Source.</b> The bitmap: QEMU, system/ram-block-attributes.c (10.1; set is shared), and
 * OpenHCL, openhcl/underhill_mem (two bitmaps, encrypted and shared). Neither stores an answer for
 * large pages; the counters are ours, with the bit read before it is written to keep them exact.
 *
 * <p><b>Weak where.</b> Memory grows with the slot, whether anything was ever shared or not; a
 * conversion of a GiB touches all its bits; a counter that once drifted stays wrong, and only an
 * audit of all bits can tell.
 */
@NullMarked
package dev.broadsheet.strategies.flatbitmap;

import org.jspecify.annotations.NullMarked;
