/**
 * The TDX module on its memory side, behind one door: {@link
 * dev.broadsheet.core.tdx.TdxModule#seamcall} for the host, {@link
 * dev.broadsheet.core.tdx.TdxModule#tdcall} and {@link dev.broadsheet.core.tdx.TdxModule#access}
 * for the guest.
 *
 * <p>What is modelled, simplified and left out stands in {@code core/FIDELITY.md}. Addresses are
 * bytes; statuses are the 64-bit values of RAX.
 */
@NullMarked
package dev.broadsheet.core.tdx;

import org.jspecify.annotations.NullMarked;
