/** Generated sources of events, with documented parameters and a seed. */
@NullMarked
package dev.broadsheet.lab.workload;

import org.jspecify.annotations.NullMarked;
