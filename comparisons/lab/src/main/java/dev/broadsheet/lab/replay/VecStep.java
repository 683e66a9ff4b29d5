package dev.broadsheet.lab.replay;

import java.util.List;

/**
 * One operation of a vector script.
 *
 * @param operation its line
 * @param answers the lines recorded below it, without the equals sign
 * @param answerLine number of the first of them
 */
record VecStep(Words operation, List<String> answers, int answerLine) {}
