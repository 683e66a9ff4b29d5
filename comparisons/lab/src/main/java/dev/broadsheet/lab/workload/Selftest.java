package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.trace.TraceSlot;

/** W18: the stages of KVM's private memory conversion selftest. */
final class Selftest implements Pattern {
  private static final long AREA = Guest.LARGE + Guest.PAGE;
  private static final long BASE = GuestShape.FOUR_GIB;

  /** Offset and size of each stage. */
  private static final long[][] STAGES = {
    {0, Guest.PAGE},
    {0, Guest.LARGE},
    {Guest.PAGE, Guest.PAGE},
    {Guest.PAGE, Guest.LARGE},
    {Guest.LARGE, Guest.PAGE}
  };

  @Override
  public Description description() {
    return Description.of(
        "W18",
        "selftest",
        "the stages of KVM's own conversion test",
        "Each vCPU has an area of 2 MiB + 4 KiB, all shared; five parts of it, aligned and not, are"
            + " made private, filled, and shared again.",
        "Linux v6.12, tools/testing/selftests/kvm, the private memory conversions test",
        "C, A, F; with punch=yes a D of the private side behind each C to shared.",
        "The test's checks of contents, and that a private page without memory is refused.");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.vcpus(4),
        Parameter.count(
            "memslots", 1, 1, 64, "slots", "Slots that the areas are cut into.", "1 or vCPUs"),
        Parameter.word(
            "punch", CommonParameters.YES, "Whether the given-up side is punched.", "both are run"),
        CommonParameters.rounds(1, "How often all stages run."));
  }

  @Override
  public GuestShape shape(Values values) {
    int vcpus = values.count("vcpus");
    long slots = values.number("memslots");
    long bytes = Places.alignUp(Places.alignUp(vcpus * AREA, slots) / slots, Guest.PAGE);
    ImmutableList.Builder<TraceSlot> all = ImmutableList.builder();
    all.add(new TraceSlot(0, 512L << 20, true, "ram"));
    for (long i = 0; i < slots; i++) {
      all.add(new TraceSlot(BASE + i * bytes, bytes, true, "ram"));
    }
    return new GuestShape(vcpus, all.build(), 512L << 20, BASE + slots * bytes);
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    stage.times(guest.vcpus(), vcpu -> guest.convert((int) vcpu, BASE + vcpu * AREA, AREA, false));
    for (long round = 0; round < values.number("rounds"); round++) {
      for (long[] part : STAGES) {
        stage.once(() -> guest.mark("stage %x %x".formatted(part[0], part[1])));
        stage.times(
            guest.vcpus(), vcpu -> run(values.yes("punch"), guest, (int) vcpu, part[0], part[1]));
      }
    }
  }

  private static void run(boolean punch, Guest guest, int vcpu, long offset, long size) {
    long area = BASE + vcpu * AREA;
    long part = area + offset;
    guest.fill(vcpu, area, AREA);
    guest.unshare(vcpu, part, size);
    guest.fill(vcpu, part, size);
    guest.convert(vcpu, part, size, false);
    if (punch) {
      guest.discard(part, size);
    }
    guest.fill(vcpu, part, size);
  }
}
