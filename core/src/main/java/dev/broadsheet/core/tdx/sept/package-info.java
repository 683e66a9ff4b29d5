/**
 * The Secure EPT: layout of an entry, its sixteen states, which function may start from which, the
 * tables and the walk.
 */
@NullMarked
package dev.broadsheet.core.tdx.sept;

import org.jspecify.annotations.NullMarked;
