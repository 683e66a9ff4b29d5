package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;

/** A long-lived kernel hands over to the next. */
final class KexecPreset implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "kexec",
        "kexec-after-load",
        "a kernel with a grown pool hands over to the next",
        "A boot, a pool that has grown, discarded and returned memory; then all shared memory is"
            + " taken back and a second kernel boots.",
        "CoCo kexec threads; recorded kexec",
        "W7, W15, then W14 with its two kernels.",
        "");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(4),
        Parameter.bytes("growth", "64m", "4m", "64g", "Growth of the pool.", "chosen"),
        Parameter.bytes("discards", "32m", "4m", "64g", "Memory that came and went.", "chosen"),
        Parameter.word(
            "entry", ImmutableList.of("2m", "4k"), "Entries of the direct map.", "recorded: both"));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    Parts.check(new PoolGrowth(), values, shape, growth(values));
    Parts.check(new DiscardAndReturn(), values, shape, discards(values));
  }

  private static String growth(Values values) {
    return "total=" + Parameter.sizeText(values.number("growth"));
  }

  private static String discards(Values values) {
    return "bytes=" + Parameter.sizeText(values.number("discards"));
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    Parts.add(new PoolGrowth(), values, guest, stage, growth(values));
    Parts.add(new DiscardAndReturn(), values, guest, stage, discards(values));
    Parts.add(new Kexec(), values, guest, stage, "entry=" + values.word("entry"));
  }
}
