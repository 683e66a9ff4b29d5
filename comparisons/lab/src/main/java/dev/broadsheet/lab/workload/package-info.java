/**
 * Generated workloads: what confidential guests do to page attributes, as streams of {@code
 * tdp-trace 1} events.
 *
 * <p>A {@link dev.broadsheet.lab.workload.Workload} is a named pattern (W1 to W21) or a preset that
 * composes patterns. It has documented parameters and a seed; {@link
 * dev.broadsheet.lab.workload.Workload#create} gives a trace that can be opened any number of
 * times, always with the same events. Inside, a pattern plans a {@code Stage}: a list of loops over
 * a {@code Guest}. The guest keeps the attribute, acceptance and access of each page, so that the
 * events are those of a guest that follows the rules: the attribute of an access is that of the
 * last conversion, and private pages are accepted before they are touched. Only one step of one
 * loop is ever held in memory.
 *
 * <p>Times between events are nominal, for order and rough density.
 */
@NullMarked
package dev.broadsheet.lab.workload;

import org.jspecify.annotations.NullMarked;
