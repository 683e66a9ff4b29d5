/**
 * The physical address metadata table: type, owner, block epoch and lock of every page that the
 * module may own, at three levels, and the page pairs of dynamic PAMT.
 */
@NullMarked
package dev.broadsheet.core.tdx.pamt;

import org.jspecify.annotations.NullMarked;
