package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;

/** W16: single pages of large mappings become unusable. */
final class MemoryErrors implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "W16",
        "memory-errors",
        "poisoned pages inside large mappings",
        "Now and then the host loses one 4K page of memory that is mapped large; the guest goes on"
            + " around it.",
        "thread on memory errors in guest_memfd (Jan 2026)",
        "A mark 'memory-error GPA' and a D of the page, which is the zap that the host does; the"
            + " guest never touches the page again, and touches its neighbours.",
        "That a later fault on the page fails with EHWPOISON, that the frame is lost to the host,"
            + " and the machine check in the guest.");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(4),
        Parameter.bytes("bytes", "256m", "2m", "1t", "Memory in use.", "chosen"),
        Parameter.count("errors", 16, 1, 65536, "pages", "Pages that are lost.", "chosen"),
        Parameter.count("rate", 1, 1, 1_000_000, "per hour", "Errors in an hour.", "chosen"),
        Parameter.count(
            "neighbours",
            64,
            0,
            511,
            "4K pages",
            "Pages of the same 2M block that are touched afterwards.",
            "chosen"));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    Places.requireHeap(shape, values.number("bytes"), "the pages in use");
    if (values.number("errors") > values.number("bytes") / Guest.PAGE) {
      throw new IllegalArgumentException(
          "errors=%d is more than the pages in use; give more bytes="
              .formatted(values.number("errors")));
    }
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    long start = Places.heap(guest.shape());
    long bytes = values.number("bytes");
    SplittableRandom random = guest.random("W16");
    Walk pages = new Walk(bytes / Guest.PAGE, random);
    Set<Long> lost = new HashSet<>();
    stage.range(
        start,
        start + bytes,
        Guest.LARGE,
        gpa ->
            guest.fill(
                (int) ((gpa / Guest.LARGE) % guest.vcpus()),
                gpa,
                Math.min(Guest.LARGE, start + bytes - gpa)));
    stage.times(
        values.number("errors"),
        i -> {
          long gpa = start + pages.at(i) * Guest.PAGE;
          guest.pause(3_600_000_000_000L / values.number("rate"));
          guest.mark("memory-error %x".formatted(gpa));
          guest.discard(gpa, Guest.PAGE);
          lost.add(gpa);
          long block = Places.alignDown(gpa, Guest.LARGE);
          for (long n = 0; n < values.number("neighbours"); n++) {
            long near = block + random.nextLong(512) * Guest.PAGE;
            if (near < start + bytes && !lost.contains(near)) {
              guest.write((int) (n % guest.vcpus()), near);
            }
          }
        });
  }
}
