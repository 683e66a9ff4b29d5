/**
 * The host's functions: one class per memory leaf, named after it; the leaves of TD and vCPU
 * management share classes.
 */
@NullMarked
package dev.broadsheet.core.tdx.seamcall;

import org.jspecify.annotations.NullMarked;
