/**
 * spte-mixed-bit: two software bits of the page-table entry (option B).
 *
 * <p><b>Idea.</b> The walk that a fault makes anyway meets an entry that says what the pages below
 * it are: one bit for the attribute that is not the default, one for mixed. Both trees say the
 * same.
 *
 * <pre>{@code
 * 1G entry   [..MIXED......]     keeps a table below, mapped or not, in the mirror and the direct
 *               |                tree
 * 2M entry   [..MIXED......] [..SHARED.....] [...........]
 *               |              uniform: no table needed
 * 4K entry   [..SHARED] [......] [..SHARED] ...
 * }</pre>
 *
 * <p>The bits have to survive zapping: they are legal in present, non-present, frozen and MMIO
 * entries, leaf or not, and the MMU carries them through every write. As posted, absent meant
 * private; here it means the machine's initial attributes, and the bit is named after the other.
 *
 * <p><b>Cost.</b> Fault: nothing beyond the walk. Conversion: one atomic write per entry and tree,
 * 512 reads of a table that may have become uniform; tables for the two edges of the range.
 *
 * <p><b>Bytes per GiB of guest.</b> Uniform 0; a 2M-aligned pool one table per tree and mixed level
 * above; each mixed 2M block 2 x (4096 + 184) = 8,560, so up to 4,390,000 when every 2M block is
 * mixed. The table says what tables cost that no mapping wanted.
 *
 * <p><b>Source.</b> Isaku Yamahata, 27 Jun 2022, [PATCH v7 000/102] (the bit, its states, MapGPA in
 * two trees); Xiaoyao Li, 14 Jul 2022 (option B).
 *
 * <p><b>Weak where.</b> Two scarce bits, one of them narrowing the MMIO generation; whoever frees a
 * table or clears an entry must know of them; tables in both trees for every mixed block; nothing
 * can be said of gfns that page tables do not reach.
 */
@NullMarked
package dev.broadsheet.strategies.sptemixedbit;

import org.jspecify.annotations.NullMarked;
