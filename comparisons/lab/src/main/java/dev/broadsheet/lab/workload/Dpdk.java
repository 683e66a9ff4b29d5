package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;

/** A packet-processing program with huge shared pools. */
final class Dpdk implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "dpdk",
        "packet-processing",
        "packet processing with huge shared pools",
        "After a boot the program shares pools of whole gigabytes that should be mapped 1G or 2M,"
            + " and its devices share a ring for each queue.",
        "users of DPDK; M. Roth (2025)",
        "W6, W13, W8.",
        "");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("16g"),
        CommonParameters.vcpus(8),
        Parameter.count("pools", 2, 1, 16, "pools", "Pools.", "one per NUMA node"),
        Parameter.bytes("bytes", "1g", "2m", "16g", "Size of one pool.", "1 to 16 GiB"),
        Parameter.word("align", ImmutableList.of("1g", "2m", "4k"), "Boundary.", "hugetlb: 1g"),
        Parameter.count("devices", 2, 1, 64, "devices", "Network devices.", "chosen"));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    Parts.check(new SharedPools(), values, shape, pools(values));
  }

  private static String[] pools(Values values) {
    return new String[] {
      "pools=" + values.number("pools"),
      "bytes=" + Parameter.sizeText(values.number("bytes")),
      "align=" + values.word("align")
    };
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    Parts.add(new BouncePool(), values, guest, stage, "used=10");
    Parts.add(new SharedPools(), values, guest, stage, pools(values));
    Parts.add(new CoherentBuffers(), values, guest, stage, "devices=" + values.number("devices"));
  }
}
