/**
 * What answers the question of a fault handler (which attributes has this page, how large may it be
 * mapped) and can be told of a conversion: the strategies, a bare array as the floor, and the
 * collections that one would pick if there were no strategies.
 *
 * <p>The collections get what they need to be good at it: runs are merged where the library works
 * by runs, and counters per large block stand beside those that know single pages only.
 */
@NullMarked
package dev.broadsheet.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
