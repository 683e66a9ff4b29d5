package dev.broadsheet.lab.claims;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.lab.trace.BundledTraces;

/** The fixed inputs and variants that claims are checked on, so that "depends" can be found out. */
public final class ClaimInputs {
  /** From nothing shared to as mixed as can be; and a recorded boot. */
  private static final ImmutableList<String> WORKLOADS =
      ImmutableList.of(
          "W5[ram=1g,mode=eager]",
          "W6[ram=1g]",
          "W9[ram=1g]",
          "W19[ram=1g,kind=sparse,bytes=256m,undo=no]",
          "W19[ram=1g,kind=alternate,bytes=64m,undo=no]");

  /** Options A to D, what Linux merged, and the choices that the posts left open. */
  private static final ImmutableList<String> VARIANTS =
      ImmutableList.of(
          "memslot-array",
          "memslot-array[encoding=byte]",
          "memslot-array[encoding=packed]",
          "spte-mixed-bit",
          "shadow-page-bitmap",
          "shadow-page-bitmap[field=idle]",
          "xarray-lpage-info",
          "xarray-lpage-info[store=range]",
          "xarray-lpage-info[absent=shared]",
          "xarray-lpage-info[absent=shared,store=range]",
          "xarray-mixed-flag",
          "xarray-mixed-flag[absent=shared]");

  private ClaimInputs() {}

  /** Returns the workloads, as a command line spells them. */
  public static ImmutableList<String> workloads() {
    return WORKLOADS;
  }

  /** Returns the name of the recorded trace that belongs to the set. */
  public static String recorded() {
    return BundledTraces.DEFAULT;
  }

  /** Returns the variants whose strategies are known. */
  public static ImmutableList<String> variants(StrategyRegistry registry) {
    return VARIANTS.stream()
        .filter(
            spec ->
                registry.all().stream()
                    .anyMatch(strategy -> spec.split("\\[", 2)[0].equals(strategy.id())))
        .collect(ImmutableList.toImmutableList());
  }
}
