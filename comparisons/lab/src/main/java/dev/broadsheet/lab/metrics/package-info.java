/** What is counted: one catalog of metric ids, units and directions, fixed and versioned. */
@NullMarked
package dev.broadsheet.lab.metrics;

import org.jspecify.annotations.NullMarked;
