package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;

/**
 * What a workload is, in words.
 *
 * @param id short and permanent: {@code W6}, or the name of a preset
 * @param name the same in words: {@code bounce-pool}; accepted as an alias
 * @param title a few words
 * @param sentence what happens, in one sentence
 * @param basis what it is taken from
 * @param mapping how it is expressed in events of {@code tdp-trace 1}
 * @param limits what these events cannot express; empty if nothing is lost
 * @param calibration published figures, for presets that claim any
 */
record Description(
    String id,
    String name,
    String title,
    String sentence,
    String basis,
    String mapping,
    String limits,
    ImmutableList<PublishedFigure> calibration) {
  static Description of(
      String id,
      String name,
      String title,
      String sentence,
      String basis,
      String mapping,
      String limits) {
    return new Description(id, name, title, sentence, basis, mapping, limits, ImmutableList.of());
  }

  Description calibratedBy(PublishedFigure... figures) {
    return new Description(
        id, name, title, sentence, basis, mapping, limits, ImmutableList.copyOf(figures));
  }
}
