package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import java.util.SplittableRandom;

/** W21: several attribute bits per page, for several planes. */
final class WideAttributes implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "W21",
        "wide-attributes",
        "read, write and execute bits per page and plane",
        "A hypervisor inside the guest changes access rights of small ranges, thousands of times,"
            + " for each of its planes.",
        "Amazon's VSM series and KVM's planes patches; bits and planes are not settled",
        "tdp-trace 1 has one attribute bit. Each bit of each plane is a layer: a range of guest"
            + " memory of its own, in which the bit is the private bit. A mark 'layer PLANE BIT GPA"
            + " BYTES' names each; a change of a bit is one C in its layer.",
        "Changes of several bits in one call, entries that hold several bits (a store that does needs"
            + " less than is shown here), and access rights in the page tables.");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(2),
        Parameter.count(
            "bits", 3, 1, 4, "bits", "Attribute bits of a page.", "read, write," + " execute"),
        Parameter.count("planes", 2, 1, 16, "planes", "Planes.", "two trust levels"),
        Parameter.bytes("bytes", "128m", "2m", "64g", "Memory of one layer.", "chosen"),
        Parameter.count("changes", 20_000, 1, 100_000_000, "calls", "Changes.", "thousands"),
        Parameter.count("pages", 8, 1, 512, "4K pages", "Longest change.", "small ranges"));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    Places.requireHeap(shape, layers(values) * values.number("bytes"), "the layers");
  }

  private static long layers(Values values) {
    return values.number("bits") * values.number("planes");
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    long heap = Places.heap(guest.shape());
    long bytes = values.number("bytes");
    SplittableRandom random = guest.random("W21");
    stage.times(
        layers(values),
        layer ->
            guest.mark(
                "layer %d %d %x %x"
                    .formatted(
                        layer / values.number("bits"),
                        layer % values.number("bits"),
                        heap + layer * bytes,
                        bytes)));
    stage.times(
        values.number("changes"),
        change -> {
          long pages = 1 + random.nextLong(values.number("pages"));
          long first = random.nextLong(bytes / Guest.PAGE - pages + 1);
          long gpa = heap + random.nextLong(layers(values)) * bytes + first * Guest.PAGE;
          int vcpu = (int) (change % guest.vcpus());
          boolean isPrivate = guest.pages().isPrivate(gpa / Guest.PAGE);
          if (isPrivate) {
            guest.write(vcpu, gpa);
            guest.convert(vcpu, gpa, pages * Guest.PAGE, false);
            guest.write(vcpu, gpa);
          } else {
            guest.unshare(vcpu, gpa, pages * Guest.PAGE);
          }
        });
  }
}
