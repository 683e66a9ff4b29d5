package dev.broadsheet.lab.workload;

/** Puts patterns together. */
final class Parts {
  private Parts() {}

  /** Appends a pattern for the guest of a preset, with some values set: {@code "pairs=10"}. */
  static void add(Pattern part, Values outer, Guest guest, Stage stage, String... settings) {
    part.plan(values(part, outer, settings), guest, stage);
  }

  /**
   * Checks a pattern that is appended later with the same settings.
   *
   * @throws IllegalArgumentException if it does not fit the guest
   */
  static void check(Pattern part, Values outer, GuestShape shape, String... settings) {
    part.check(values(part, outer, settings), shape);
  }

  private static Values values(Pattern part, Values outer, String... settings) {
    Values values = Values.of(part.parameters()).adopt(outer, "ram", "vcpus");
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      values = values.with(setting.substring(0, equals), setting.substring(equals + 1));
    }
    return values;
  }
}
