/**
 * shadow-page-bitmap: one software bit in the page-table entry, and a bitmap of mixed entries in
 * the table's header (option C).
 *
 * <p><b>Idea.</b> As option B, with the second bit moved out of the entry: {@code kvm_mmu_page},
 * the header that KVM has for each table, gets 512 bits, one per entry.
 *
 * <pre>{@code
 * header of a table of 2M entries          the table itself
 *   mixed  1 0 0 1 0 ...  512 bits    ->   [......][SHARED][......][......] ...
 *          |                                  |
 *          the 4K table below is kept         attribute of what is uniform
 * }</pre>
 *
 * <p><b>Cost.</b> Fault: besides the walk, one word of the header of each table whose level is
 * asked (a pointer chase: entry, struct page, header, word). Conversion: as B, and a header word
 * per entry that turns.
 *
 * <p><b>Bytes per GiB of guest.</b> The tables of B. {@code field=own}: 64 more in every header,
 * also in those of 4K tables, which have no use for it: 32,832 per tree if all of a GiB is mapped
 * with 4K pages. {@code field=idle}: 0, the bits go where the shadow MMU keeps {@code
 * unsync_child_bitmap}, which the TDP MMU leaves idle.
 *
 * <p><b>Source.</b> Xiaoyao Li, 14 Jul 2022, option C; the idle field is our reading of struct
 * kvm_mmu_page in Linux v6.12.
 *
 * <p><b>Weak where.</b> As B, one bit cheaper; the state is scattered over entries and headers, and
 * its life is tied to that of a table.
 */
@NullMarked
package dev.broadsheet.strategies.shadowpagebitmap;

import org.jspecify.annotations.NullMarked;
