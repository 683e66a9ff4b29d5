package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.workload.Parameter;

/** Knobs that many experiments have. */
final class Parameters {
  private Parameters() {}

  static Parameter guest(String size, String least, String most) {
    return Parameter.bytes(
        "guest",
        size,
        least,
        most,
        "Memory of the guest.",
        "small enough to answer within half a minute");
  }

  static Parameter days() {
    return Parameter.count(
        "days", 5, 1, 10_000, "days", "How long the aging guest lives.", "quick; 30 are a month");
  }

  static Parameter recorded() {
    return Parameter.word(
        "recorded",
        ImmutableList.of("yes", "no"),
        "Whether traces of real guests take part, which have the size that they have.",
        "they are the evidence");
  }

  static Parameter seed() {
    return Parameter.count(
        "seed",
        1,
        0,
        Integer.MAX_VALUE,
        "(any number)",
        "Where random places and orders begin.",
        "1");
  }
}
