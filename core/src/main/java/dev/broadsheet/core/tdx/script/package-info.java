/**
 * The model to look at without Java: a runner for scripts of SEAMCALLs and TDCALLs, and the tables
 * of leaves, statuses and state transitions as CSV.
 */
@NullMarked
package dev.broadsheet.core.tdx.script;

import org.jspecify.annotations.NullMarked;
