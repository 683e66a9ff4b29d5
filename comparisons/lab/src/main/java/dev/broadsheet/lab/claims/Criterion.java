package dev.broadsheet.lab.claims;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One comparison of numbers that speaks for a claim, or against it.
 *
 * @param metric id of the metric
 * @param is how the value has to stand to what it is compared with
 * @param than ids of the strategies to compare with, each of them
 * @param thanMetric another metric of the same run to compare with
 * @param thanValue a number to compare with
 * @param factor what the other side is multiplied by; 1 if not given
 * @param withoutLabels kernel memory of these labels is left out, on both sides
 * @param withoutPackages code of these Java packages is left out, on both sides
 * @param granted whether the comparison takes the claim's assumption for granted
 */
public record Criterion(
    String metric,
    Relation is,
    @Nullable List<String> than,
    @Nullable String thanMetric,
    @Nullable Double thanValue,
    @Nullable Double factor,
    @Nullable List<String> withoutLabels,
    @Nullable List<String> withoutPackages,
    boolean granted) {
  double times() {
    return factor == null ? 1 : factor;
  }
}
