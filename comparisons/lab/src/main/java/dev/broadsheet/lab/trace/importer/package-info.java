/**
 * Makes traces from what a host prints: {@code trace-cmd report}, the tracefs files {@code trace}
 * and {@code trace_pipe}, and QEMU's log.
 *
 * <p>{@link dev.broadsheet.lab.trace.importer.TraceImport} reads the files once to learn the
 * guest's memory and whether their lines can be understood, and is then a {@link
 * dev.broadsheet.lab.trace.Trace} that merges them by time each time it is opened. Memory grows
 * with the guest, not with the files.
 */
@NullMarked
package dev.broadsheet.lab.trace.importer;

import org.jspecify.annotations.NullMarked;
