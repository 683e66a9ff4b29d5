package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import java.util.SplittableRandom;

/** W8: drivers share small buffers when they are bound, and take them back when unbound. */
final class CoherentBuffers implements Pattern {
  /** Sizes in pages of the calls in recorded guests: rings of 4, 28 and 92 KiB, others fewer. */
  private static final int[] RECORDED_PAGES = {1, 1, 1, 7, 7, 23, 2, 4, 8, 16};

  @Override
  public Description description() {
    return Description.of(
        "W8",
        "coherent-buffers",
        "rings and command buffers of drivers",
        "At probe each queue of each device shares a few buffers of 1 to 23 pages, each with a call"
            + " of its own; at unbind they go back.",
        "driver behaviour; recorded with eight drivers bound and unbound three times: 1, 7 and 23"
            + " pages are typical, usually not even 64K aligned",
        "F while private, C to shared, F; at unbind C to private, A at 4K.",
        "");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(4),
        Parameter.count("devices", 4, 1, 1024, "devices", "Devices.", "a small server"),
        Parameter.count(
            "queues",
            1,
            1,
            16,
            "per vCPU",
            "Queues of a device for each vCPU.",
            "virtio and nvme: one"),
        CommonParameters.rounds(1, "How often all devices are bound; unbound between."),
        Parameter.word("unbind", CommonParameters.NO, "Whether the last round is undone.", "boot"),
        Parameter.word(
            "place",
            ImmutableList.of("scattered", "packed"),
            "Buffers far apart as the page allocator gives them, or one behind the other.",
            "recorded: scattered"),
        Parameter.count(
            "max-pages",
            23,
            1,
            23,
            "4K pages",
            "Largest buffer.",
            "recorded: 92 KiB; 16 pages in most drivers"));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    Places.requireHeap(shape, buffers(values) * 32 * Guest.PAGE, "the buffers");
  }

  private static long buffers(Values values) {
    return values.number("devices") * values.number("queues") * values.number("vcpus");
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    long buffers = buffers(values);
    GuestShape shape = guest.shape();
    // Cells of 32 pages hold one buffer each; scattered ones lie anywhere in the heap's first half.
    long cells = (Places.heapEnd(shape) - Places.heap(shape)) / (64 * Guest.PAGE);
    Walk walk = new Walk(Math.max(buffers, cells), guest.random("W8"));
    boolean packed = values.word("place").equals("packed");
    long rounds = values.number("rounds");
    for (long round = 0; round < rounds; round++) {
      stage.once(() -> guest.mark("probe"));
      stage.times(buffers, i -> probe(guest, values, i, cell(shape, walk, packed, i)));
      if (round + 1 < rounds || values.yes("unbind")) {
        stage.once(() -> guest.mark("unbind"));
        stage.times(
            buffers,
            i -> {
              long gpa = cell(shape, walk, packed, i);
              guest.unshare(vcpu(guest, i), gpa, pages(guest, values, i) * Guest.PAGE);
            });
      }
    }
  }

  private static long cell(GuestShape shape, Walk walk, boolean packed, long i) {
    return Places.heap(shape) + (packed ? i : walk.at(i)) * 32 * Guest.PAGE;
  }

  private static void probe(Guest guest, Values values, long i, long gpa) {
    long bytes = pages(guest, values, i) * Guest.PAGE;
    guest.fill(vcpu(guest, i), gpa, bytes);
    guest.share(vcpu(guest, i), gpa, bytes);
    guest.fill(vcpu(guest, i), gpa, bytes);
  }

  private static int vcpu(Guest guest, long i) {
    return (int) (i % guest.vcpus());
  }

  private static int pages(Guest guest, Values values, long i) {
    SplittableRandom random = guest.random("W8 buffer " + i);
    int pages = RECORDED_PAGES[random.nextInt(RECORDED_PAGES.length)];
    return Math.min(values.count("max-pages"), pages);
  }
}
