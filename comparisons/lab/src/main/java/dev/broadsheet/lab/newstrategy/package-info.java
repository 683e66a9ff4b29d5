/** Projects for strategies of one's own, made from templates that are complete Java sources. */
@NullMarked
package dev.broadsheet.lab.newstrategy;

import org.jspecify.annotations.NullMarked;
