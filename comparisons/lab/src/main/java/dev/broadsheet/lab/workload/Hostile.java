package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;

/** A guest that wants to hurt its host. */
final class Hostile implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "hostile",
        "hostile-guest",
        "a guest that converts to cost the host most",
        "All of the worst patterns, then single pages converted back and forth in ever other 2M"
            + " blocks, then large conversions that are cut anywhere.",
        "worst cases for each structure",
        "W19, W12 with buffers apart, W17.",
        "");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(4),
        Parameter.bytes("bytes", "64m", "2m", "1t", "Memory that is attacked.", "chosen"),
        CommonParameters.rounds(2000, "Pairs of single pages."));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    Parts.check(new Adversarial(), values, shape, bytes(values));
    Parts.check(new ConvertedIo(), values, shape, pairs(values));
    Parts.check(new InterruptedConversion(), values, shape);
  }

  private static String bytes(Values values) {
    return "bytes=" + Parameter.sizeText(values.number("bytes"));
  }

  private static String[] pairs(Values values) {
    return new String[] {"ios=" + values.number("rounds"), "size=4k", "place=apart", "reuse=512"};
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    Parts.add(new Adversarial(), values, guest, stage, bytes(values));
    Parts.add(new ConvertedIo(), values, guest, stage, pairs(values));
    Parts.add(
        new InterruptedConversion(), values, guest, stage, "probability=100", "conversions=64");
  }
}
