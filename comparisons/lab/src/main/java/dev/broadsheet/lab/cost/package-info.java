/**
 * The visible cost model: what one of each counted thing may take, from where that is known, and
 * how far it may be off. Turns counts into times, which are modelled and never measured.
 */
@NullMarked
package dev.broadsheet.lab.cost;

import org.jspecify.annotations.NullMarked;
