/**
 * Time: how close the machine and the strategies are to the floor, and how far ahead of the
 * libraries that one would pick instead.
 *
 * <p>Everything else in the house counts; only this module has a clock. A time alone says little on
 * a shared machine, so every claim is a ratio of two measurements of one run, taken in turns and
 * repeated: see {@link dev.broadsheet.benchmarks.Targets}.
 */
@NullMarked
package dev.broadsheet.benchmarks;

import org.jspecify.annotations.NullMarked;
