package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;

/** W3: the firmware shares the MMIO hole. */
final class MmioSweep implements Pattern {
  private static final long FIRST = 64L << 30;

  @Override
  public Description description() {
    return Description.of(
        "W3",
        "mmio-sweep",
        "the 64-bit MMIO hole shared in 2M steps",
        "One vCPU shares a long range where no memory is, one call per 2 MiB.",
        "Cloud Hypervisor's notes on TDX (Jul 2026): about 70 TiB, 36.7 million calls, minutes of"
            + " boot; 32,768 calls after the range was capped to 64 GiB",
        "C lines outside the slots, then one access to RAM.",
        "");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"), CommonParameters.vcpus(1), length("64g"), step());
  }

  static Parameter length(String defaultSize) {
    return Parameter.bytes(
        "length",
        defaultSize,
        "2m",
        "100t",
        "Length of the hole; 70t is the bad case (a store that holds each page then needs a lot of"
            + " memory).",
        "64 GiB is the published cap");
  }

  private static Parameter step() {
    return Parameter.bytes(
        "step", "2m", "4k", "1g", "Size of one call.", "KVM's chunk per exit since Feb 2025");
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    sweep(guest, stage, values.number("length"), values.number("step"));
    stage.once(() -> guest.write(0, Places.heap(guest.shape())));
  }

  /** Appends the calls alone. */
  static void sweep(Guest guest, Stage stage, long length, long step) {
    long start = FIRST;
    while (start < guest.shape().highEnd()) {
      start *= 2;
    }
    stage.once(() -> guest.mark("mmio-sweep"));
    long end = start + length;
    stage.range(
        start,
        end,
        step,
        gpa -> guest.convertAfter(Guest.ACCESS_NANOS, 0, gpa, Math.min(step, end - gpa), false));
  }
}
