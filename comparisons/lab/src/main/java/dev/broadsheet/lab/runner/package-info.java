/**
 * Runs strategies on the same events: one machine each, every answer checked by an oracle, every
 * machine audited at the end.
 */
@NullMarked
package dev.broadsheet.lab.runner;

import org.jspecify.annotations.NullMarked;
