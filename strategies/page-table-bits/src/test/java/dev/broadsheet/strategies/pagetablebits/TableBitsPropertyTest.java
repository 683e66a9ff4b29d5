package dev.broadsheet.strategies.pagetablebits;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.conformance.trial.StrategyTrial;
import dev.broadsheet.strategies.shadowpagebitmap.ShadowPageBitmapStrategy;
import dev.broadsheet.strategies.sptemixedbit.SpteMixedBitStrategy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableBitsPropertyTest {
  @ParameterizedTest
  @CsvSource({"1, true", "2, true", "3, true", "4, false", "5, false", "6, true"})
  void spteMixedBit_regionShapedSteps_answersAsTheTruth(long seed, boolean twoTrees) {
    StrategyTrial.runOverPageTables(
        new SpteMixedBitStrategy(), "spte-mixed-bit", PageAttributes.PRIVATE, seed, 120, twoTrees);
    StrategyTrial.runOverPageTables(
        new SpteMixedBitStrategy(), "B", PageAttributes.SHARED, -seed, 120, twoTrees);
  }

  @ParameterizedTest
  @CsvSource({
    "own, 11, true",
    "own, 12, false",
    "idle, 13, true",
    "idle, 14, true",
    "own, 15, true"
  })
  void shadowPageBitmap_regionShapedSteps_answersAsTheTruth(
      String field, long seed, boolean twoTrees) {
    String spec = "shadow-page-bitmap[field=" + field + "]";
    StrategyTrial.runOverPageTables(
        new ShadowPageBitmapStrategy(), spec, PageAttributes.PRIVATE, seed, 120, twoTrees);
    StrategyTrial.runOverPageTables(
        new ShadowPageBitmapStrategy(), spec, PageAttributes.SHARED, -seed, 120, twoTrees);
  }
}
