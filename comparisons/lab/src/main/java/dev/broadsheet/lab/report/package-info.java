/**
 * What a comparison found, as one model, and the forms in which it is written: HTML, Markdown, CSV,
 * JSON and the terminal's table. Each form reads the same {@link
 * dev.broadsheet.lab.report.ReportModel}.
 */
@NullMarked
package dev.broadsheet.lab.report;

import org.jspecify.annotations.NullMarked;
