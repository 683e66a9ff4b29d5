/**
 * How complicated a strategy is, measured on its class files and on what it asks of its context.
 *
 * <pre>
 *   DesignCost        all of it: the way in
 *   StrategyCode      branches, instructions, methods and classes by concern: a walk over calls
 *   DesignProbe       software bits, header words, locks and homes of state: a tracker at work
 * </pre>
 *
 * <p>Nothing here depends on a trace: the same class files give the same numbers.
 */
@NullMarked
package dev.broadsheet.lab.complexity;

import org.jspecify.annotations.NullMarked;
