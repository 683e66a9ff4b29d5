package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;

/** W13: an application shares gigabytes and wants them mapped large. */
final class SharedPools implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "W13",
        "shared-pools",
        "shared pools of gigabytes",
        "A packet-processing program takes huge pages, shares them as one pool and touches all of"
            + " it.",
        "users of DPDK; M. Roth (2025) on 1G shared maps",
        "A, F for the cleared share, one C per pool, F for each page used.",
        "");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("8g"),
        CommonParameters.vcpus(8),
        Parameter.count("pools", 1, 1, 64, "pools", "Pools.", "one per NUMA node"),
        Parameter.bytes("bytes", "1g", "2m", "16g", "Size of one pool.", "1 to 16 GiB"),
        Parameter.word(
            "align",
            ImmutableList.of("1g", "2m", "4k"),
            "Boundary on which pools begin; 2m and 4k miss the next larger one.",
            "hugetlb gives 1g"),
        Parameter.percent("clear", 0, "Share cleared while private.", "hugetlb clears on demand"),
        Parameter.percent("used", 100, "Share touched once shared.", "pools are pre-faulted"));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    Places.requireHeap(shape, (stride(values) + Guest.HUGE) * values.number("pools"), "the pools");
  }

  private static long stride(Values values) {
    return Places.alignUp(values.number("bytes"), Guest.HUGE);
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    long offset =
        switch (values.word("align")) {
          case "2m" -> Guest.LARGE;
          case "4k" -> Guest.PAGE;
          default -> 0;
        };
    long first = Places.alignUp(Places.heap(guest.shape()), Guest.HUGE);
    long bytes = values.number("bytes");
    for (long pool = 0; pool < values.number("pools"); pool++) {
      long start = first + pool * stride(values) + offset;
      stage.once(() -> guest.mark("shared-pool"));
      touch(guest, stage, start, Places.alignDown(bytes / 100 * values.number("clear"), 4096));
      stage.once(() -> guest.share(0, start, bytes));
      touch(guest, stage, start, Places.alignDown(bytes / 100 * values.number("used"), 4096));
    }
  }

  private static void touch(Guest guest, Stage stage, long start, long bytes) {
    stage.range(
        start,
        start + bytes,
        Guest.LARGE,
        gpa ->
            guest.fill(
                (int) ((gpa / Guest.LARGE) % guest.vcpus()),
                gpa,
                Math.min(Guest.LARGE, start + bytes - gpa)));
  }
}
