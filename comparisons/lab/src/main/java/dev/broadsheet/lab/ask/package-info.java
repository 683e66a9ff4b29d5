/**
 * The questions of the field: each is an experiment with a name, and its answer is one table, one
 * chart, one sentence and the command that repeats it.
 *
 * <p>A {@link dev.broadsheet.lab.ask.Question} measures a table; its sentence is made from that
 * table and nothing else, so that it cannot say what was not measured. The sixteen questions, their
 * order and who asked them are those that maintainers raised on the lists; what this machine cannot
 * answer yet stands in the list with its reason.
 */
@NullMarked
package dev.broadsheet.lab.ask;

import org.jspecify.annotations.NullMarked;
