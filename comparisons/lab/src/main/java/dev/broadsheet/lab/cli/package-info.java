/**
 * The command line.
 *
 * <p>Exit status: 0, or 1 when a rule, audit, comparison or check failed, or 2 for wrong use and
 * bad input, which get one line on standard error: what, where, what would do.
 */
@NullMarked
package dev.broadsheet.lab.cli;

import org.jspecify.annotations.NullMarked;
