package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;

/** W9: each vCPU shares a few single pages of its own. */
final class PerVcpuPages implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "W9",
        "per-vcpu-pages",
        "single shared pages of each vCPU",
        "When a vCPU starts it shares one to four single pages: GHCB, clock, steal time.",
        "guest kernel code; far apart unless the kernel packs them",
        "F while private, C of one page to shared, F.",
        "");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(8),
        Parameter.count("pages", 2, 1, 4, "4K pages", "Pages of each vCPU.", "1 to 4"),
        Parameter.word(
            "place",
            ImmutableList.of("random", "packed"),
            "Anywhere in memory, or one behind the other.",
            "per-CPU areas lie apart"));
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    long pages = values.number("pages") * guest.vcpus();
    GuestShape shape = guest.shape();
    // The second half of the heap, so that presets do not meet the buffers of drivers.
    long half = (Places.heapEnd(shape) - Places.heap(shape)) / 2;
    long start = Places.alignDown(Places.heap(shape) + half, Guest.LARGE);
    Walk walk = new Walk((Places.heapEnd(shape) - start) / Guest.PAGE, guest.random("W9"));
    boolean packed = values.word("place").equals("packed");
    stage.once(() -> guest.mark("per-vcpu-pages"));
    stage.times(
        pages,
        i -> {
          int vcpu = (int) (i / values.number("pages"));
          long gpa = start + (packed ? i : walk.at(i)) * Guest.PAGE;
          guest.write(vcpu, gpa);
          guest.share(vcpu, gpa, Guest.PAGE);
          guest.write(vcpu, gpa);
        });
  }
}
