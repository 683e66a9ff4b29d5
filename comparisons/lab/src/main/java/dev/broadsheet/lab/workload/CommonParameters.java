package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;

/** Knobs that many workloads have. */
final class CommonParameters {
  static final ImmutableList<String> YES = ImmutableList.of("yes", "no");
  static final ImmutableList<String> NO = ImmutableList.of("no", "yes");

  private CommonParameters() {}

  static Parameter ram(String defaultSize) {
    return Parameter.bytes(
        "ram",
        defaultSize,
        "512m",
        "4t",
        "Memory of the guest, laid out as QEMU's q35 does: up to 2.75 GiB all below 4 GiB, else 2"
            + " GiB there and the rest from 4 GiB.",
        "4 GiB is the guest of the published figures");
  }

  static Parameter vcpus(long number) {
    return Parameter.count(
        "vcpus", number, 1, 512, "vCPUs", "Virtual CPUs of the guest.", "8 in the published guest");
  }

  static Parameter rounds(long number, String sentence) {
    return Parameter.count("rounds", number, 1, 1_000_000, "rounds", sentence, "chosen");
  }
}
