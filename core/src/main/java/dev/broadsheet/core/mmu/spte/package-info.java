/**
 * Shadow page-table entries: what their bits mean, in the EPT format of Intel and the NPT format of
 * AMD.
 *
 * <p>An entry is a {@code long}. {@link dev.broadsheet.core.mmu.spte.Spte} holds what both formats
 * share, {@link dev.broadsheet.core.mmu.spte.SpteLayout} what differs and how entries are made. No
 * other package shifts or masks entries.
 */
@NullMarked
package dev.broadsheet.core.mmu.spte;

import org.jspecify.annotations.NullMarked;
