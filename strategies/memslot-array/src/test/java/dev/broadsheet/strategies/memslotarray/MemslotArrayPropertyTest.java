package dev.broadsheet.strategies.memslotarray;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.conformance.trial.StrategyTrial;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemslotArrayPropertyTest {
  @ParameterizedTest
  @CsvSource({
    "enum, 1",
    "enum, 2",
    "enum, 3",
    "byte, 4",
    "byte, 5",
    "packed, 6",
    "packed, 7",
    "packed, 8",
    "packed, 9",
    "packed, 10"
  })
  void tracker_regionShapedSteps_answersAsTheTruth(String encoding, long seed) {
    String spec = "memslot-array[encoding=" + encoding + "]";
    StrategyTrial.run(new MemslotArrayStrategy(), spec, PageAttributes.PRIVATE, seed, 150);
    StrategyTrial.run(new MemslotArrayStrategy(), spec, PageAttributes.SHARED, -seed, 150);
  }
}
