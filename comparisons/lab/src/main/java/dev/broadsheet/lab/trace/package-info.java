/**
 * Recorded memory traces of guests: the format {@code tdp-trace 1}, its strict streaming reader and
 * its writer.
 *
 * <p>A {@link dev.broadsheet.lab.trace.Trace} can be opened any number of times; an open {@link
 * dev.broadsheet.lab.trace.EventStream} fills one reused {@link
 * dev.broadsheet.lab.trace.TraceEvent}, so that memory does not grow with the length of a trace.
 */
@NullMarked
package dev.broadsheet.lab.trace;

import org.jspecify.annotations.NullMarked;
