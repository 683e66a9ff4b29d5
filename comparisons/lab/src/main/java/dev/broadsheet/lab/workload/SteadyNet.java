package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import java.util.SplittableRandom;

/** A server under steady network load. */
final class SteadyNet implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "steady-net",
        "steady-network",
        "a server under steady network load",
        "A pool and driver rings are set up; then second after second packets go through the pool,"
            + " the working set is touched again, and now and then the pool grows.",
        "recorded redis guests; dynamic SWIOTLB",
        "W6, W8, W9, then E each second with T of pool and working set, and pieces of W7.",
        "Accesses that no conversion or tick could have unmapped are not events.");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(4),
        Parameter.count("seconds", 20, 1, 100_000, "s", "Length of the load.", "chosen"),
        Parameter.bytes(
            "working-set", "64m", "2m", "1t", "Private memory that is in use.", "chosen"),
        Parameter.count("devices", 2, 1, 64, "devices", "Network devices.", "chosen"),
        Parameter.count(
            "grow-every",
            5,
            1,
            100_000,
            "s",
            "Seconds from one 4 MiB piece of the pool to the" + " next.",
            "recorded under overload: several a second"),
        BouncePool.used());
  }

  @Override
  public void check(Values values, GuestShape shape) {
    long heap = Places.heapEnd(shape) - Places.heap(shape);
    Places.requireHeap(shape, 4 * values.number("working-set") + Guest.LARGE, "4 x working set");
    long pieces = values.number("seconds") / values.number("grow-every");
    long room = heap / 4 * 3 / (8L << 20) - 1;
    if (pieces > room) {
      throw new IllegalArgumentException(
          "seconds=%d with grow-every=%d grows the pool by %d pieces; there is room for %d, give more"
                  .formatted(values.number("seconds"), values.number("grow-every"), pieces, room)
              + " ram= or a longer grow-every=.");
    }
  }

  /** The last quarter of the heap. */
  private static long workingSet(GuestShape shape) {
    long heap = Places.heapEnd(shape) - Places.heap(shape);
    return Places.alignUp(Places.heap(shape) + heap / 4 * 3, Guest.LARGE);
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    BouncePool bounce = new BouncePool();
    Values pool =
        Values.of(bounce.parameters()).adopt(values, "ram", "vcpus", "used").with("clear", "100");
    bounce.plan(pool, guest, stage);
    Parts.add(new CoherentBuffers(), values, guest, stage, "devices=" + values.number("devices"));
    Parts.add(new PerVcpuPages(), values, guest, stage, "place=packed");
    GuestShape shape = guest.shape();
    long poolStart = BouncePool.poolStart(pool, shape);
    long poolUsed = BouncePool.poolBytes(pool, shape) / 100 * values.number("used");
    long set = workingSet(shape);
    SplittableRandom random = guest.random("steady-net");
    PoolGrowth growth = new PoolGrowth();
    Values pieces = Values.of(growth.parameters()).adopt(values, "ram", "vcpus");
    long grown = Places.alignUp(Places.heap(shape), pieces.number("size"));
    for (long second = 0; second < values.number("seconds"); second++) {
      long now = second;
      stage.once(
          () -> {
            guest.pause(1_000_000_000L);
            guest.rearm();
            if (now % values.number("grow-every") == values.number("grow-every") - 1) {
              PoolGrowth.grow(pieces, guest, random, grown, now / values.number("grow-every"));
            }
          });
      stage.range(poolStart, poolStart + poolUsed, Guest.LARGE, gpa -> burst(guest, random, gpa));
      stage.range(
          set,
          set + values.number("working-set"),
          Guest.LARGE,
          gpa -> guest.fill((int) ((gpa / Guest.LARGE) % guest.vcpus()), gpa, Guest.LARGE));
    }
  }

  /** Packets use some pages of each 2M of the pool. */
  private static void burst(Guest guest, SplittableRandom random, long gpa) {
    int vcpu = random.nextInt(guest.vcpus());
    for (int packet = 0; packet < 16; packet++) {
      guest.write(vcpu, gpa + random.nextLong(512) * Guest.PAGE);
    }
  }
}
