package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;

/**
 * An answer: {@code answer.json} is this record, field by field, and the other forms carry the same
 * numbers. Holds no clock, no path and no machine name: the same question gives the same bytes.
 *
 * @param schema {@value #SCHEMA}
 * @param product version of Broadsheet
 * @param name of the question
 * @param question in one line
 * @param asked who asked, and when
 * @param sentence the answer in plain words
 * @param measures how it was measured and what the columns count
 * @param parameters the values that it was measured with
 * @param strategies the designs that took part, as they are spelled
 * @param command gives this answer again
 * @param table the numbers
 * @param chart how they are drawn
 */
public record Answer(
    String schema,
    String product,
    String name,
    String question,
    String asked,
    String sentence,
    String measures,
    ImmutableMap<String, String> parameters,
    ImmutableList<String> strategies,
    String command,
    AnswerTable table,
    AnswerChart chart) {
  /** What the first field of answer.json says; counts up with every change of the shape. */
  public static final String SCHEMA = "broadsheet-answer/1";
}
