package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import java.util.SplittableRandom;

/** W17: conversions that stop half way and are taken up again. */
final class InterruptedConversion implements Pattern {
  @Override
  public Description description() {
    return Description.of(
        "W17",
        "interrupted-conversion",
        "conversions that stop half way and resume",
        "Some conversions get no further than a page in the middle; the guest asks again for the"
            + " rest, sometimes from another vCPU, and other vCPUs run in between.",
        "EAGAIN with an offset (in-place conversion, Sep 2026); MapGPA that is told to retry (Jan"
            + " 2026)",
        "The part that was done is one C, then a mark 'interrupted GPA of START BYTES', accesses of"
            + " another vCPU, then a C for the rest.",
        "That the part which failed may already have lost its mappings, and the failed attempt's own"
            + " work.");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        CommonParameters.vcpus(4),
        Parameter.count("conversions", 256, 1, 10_000_000, "calls", "Conversions.", "chosen"),
        Parameter.bytes("size", "4m", "8k", "1g", "Size of one.", "KVM cuts calls at 2 MiB"),
        Parameter.percent("probability", 30, "Share that is interrupted.", "chosen"),
        Parameter.percent("moved", 50, "Share of these that resume on another vCPU.", "chosen"));
  }

  @Override
  public void check(Values values, GuestShape shape) {
    Places.requireHeap(shape, 8 * values.number("size") + Guest.LARGE, "eight ranges");
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    SplittableRandom random = guest.random("W17");
    stage.times(values.number("conversions"), i -> convert(values, guest, random, i));
  }

  private static void convert(Values values, Guest guest, SplittableRandom random, long i) {
    long size = values.number("size");
    long heap = Places.heap(guest.shape());
    long aside = heap + 8 * size;
    // Eight ranges take turns; every other turn of a range takes it back.
    long gpa = heap + i % 8 * size;
    boolean toPrivate = i / 8 % 2 == 1;
    int vcpu = (int) (i % guest.vcpus());
    if (!toPrivate) {
      guest.fill(vcpu, gpa, Math.min(size, Guest.LARGE));
      for (long at = gpa; at < gpa + size; at += Guest.PAGE) {
        guest.acceptOnDemand(vcpu, at);
      }
    }
    if (random.nextInt(100) < values.number("probability")) {
      long done = Guest.PAGE * (1 + random.nextLong(size / Guest.PAGE - 1));
      int other = (vcpu + 1) % guest.vcpus();
      guest.convert(vcpu, gpa, done, toPrivate);
      guest.mark("interrupted %x of %x %x".formatted(gpa + done, gpa, size));
      guest.write(other, aside + random.nextLong(512) * Guest.PAGE);
      int resumes = random.nextInt(100) < values.number("moved") ? other : vcpu;
      guest.convert(resumes, gpa + done, size - done, toPrivate);
    } else {
      guest.convert(vcpu, gpa, size, toPrivate);
    }
    if (toPrivate) {
      guest.acceptRange(vcpu, gpa, size);
    } else {
      guest.fill(vcpu, gpa, Math.min(size, Guest.LARGE));
    }
  }
}
