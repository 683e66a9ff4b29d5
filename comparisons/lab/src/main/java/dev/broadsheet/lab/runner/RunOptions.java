package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.core.memory.CacheGeometry;
import dev.broadsheet.lab.cost.CostModel;

/**
 * How a comparison runs and counts, apart from trace, strategies and machine.
 *
 * @param overlap which events happen at the same time
 * @param caches levels of the modelled caches, nearest first; three, or none for no model
 * @param costs what one of each counted thing takes
 */
public record RunOptions(Overlap overlap, ImmutableList<CacheGeometry> caches, CostModel costs) {
  /** One event after the other, the caches of a server core, the known costs. */
  public static RunOptions defaults() {
    return new RunOptions(Overlap.OFF, CacheOption.DEFAULT, CostModel.defaults());
  }
}
