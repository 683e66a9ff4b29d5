/**
 * What options B and C have in common: one bit per page-table entry says how its pages differ from
 * the default, in both trees, and tables stay wherever pages of one table differ. How a mixed entry
 * is marked is the only difference between the two.
 *
 * <pre>{@code
 *          entry bit: differs     mark: mixed      table below
 * uniform      0 or 1                 no           none, or one of the MMU's with the same bit in
 *                                                  all entries
 * mixed        (not read)             yes          kept by a pin
 * }</pre>
 *
 * <p><b>Invariant</b> between conversions: below an entry that is not marked every entry has its
 * bit and no mark. So the last entry that a walk meets has the page's attribute, whoever made the
 * table that it stands in.
 *
 * <p><b>Order of writes</b>, for readers look on: a table is complete before its entry is marked; a
 * table's entries are rewritten before the entry above loses its mark.
 */
@NullMarked
package dev.broadsheet.strategies.pagetablebits;

import org.jspecify.annotations.NullMarked;
