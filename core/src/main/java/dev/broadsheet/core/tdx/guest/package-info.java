/**
 * The guest's side: what one TDCALL or one memory access of a vCPU inside the TD does, and the TD
 * exits that the host sees.
 */
@NullMarked
package dev.broadsheet.core.tdx.guest;

import org.jspecify.annotations.NullMarked;
