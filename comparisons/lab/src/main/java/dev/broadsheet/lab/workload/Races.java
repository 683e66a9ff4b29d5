package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.trace.AccessType;
import dev.broadsheet.lab.trace.TraceSlot;
import java.util.SplittableRandom;

/** W20: vCPUs that do things to one 2M block at the same moment. */
final class Races implements Pattern {
  private static final long DIMM = 64L << 20;

  @Override
  public Description description() {
    return Description.of(
        "W20",
        "races",
        "conversions, faults, accepts and slot changes at one moment",
        "Two vCPUs convert pages of one 2M block while a third touches it; a slot goes away while it"
            + " is converted; a 4K accept meets a 2M accept.",
        "races that were found and fixed in KVM, 2024-2025",
        "Events of the same moment on different vCPUs, behind a mark 'race KIND'; a runner that"
            + " overlaps vCPUs may interleave them. A slot that goes away is a D over all of it"
            + " between the marks 'slot-delete GPA BYTES' and 'slot-add GPA BYTES'. Where a 4K"
            + " accept meets a 2M accept, what the guest ends up doing is written: the 2M accept"
            + " alone, or one page at 4K by one vCPU and the rest at 4K by the other.",
        "The interleavings themselves (a trace is one order), the deletion of a slot as such, and"
            + " the 2M accept that is refused.");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        CommonParameters.ram("4g"),
        Parameter.count(
            "vcpus",
            3,
            3,
            512,
            "vCPUs",
            "Virtual CPUs; three take part.",
            "two" + " converters and a faulter"),
        Parameter.word(
            "kind",
            ImmutableList.of("all", "converters", "slot", "accepts"),
            "Which of them.",
            "fixed bugs"),
        CommonParameters.rounds(200, "Rounds of each kind."));
  }

  @Override
  public GuestShape shape(Values values) {
    GuestShape base = GuestShape.q35(values.number("ram"), values.count("vcpus"));
    ImmutableList.Builder<TraceSlot> slots = ImmutableList.builder();
    slots.addAll(base.slots());
    slots.add(new TraceSlot(dimm(base), DIMM, true, "ram"));
    return new GuestShape(base.vcpus(), slots.build(), base.lowEnd(), base.highEnd());
  }

  private static long dimm(GuestShape shape) {
    return Places.alignUp(shape.highEnd(), Guest.HUGE) + Guest.HUGE;
  }

  @Override
  public void plan(Values values, Guest guest, Stage stage) {
    String kind = values.word("kind");
    boolean all = kind.equals("all");
    long rounds = values.number("rounds");
    SplittableRandom random = guest.random("W20");
    long block = Places.alignUp(Places.heap(guest.shape()), Guest.LARGE);
    stage.once(() -> guest.fill(0, block, Guest.LARGE));
    if (all || kind.equals("converters")) {
      stage.times(rounds, round -> converters(guest, random, block));
    }
    if (all || kind.equals("slot")) {
      stage.times(rounds, round -> slot(guest, random, dimm(guest.shape())));
    }
    if (all || kind.equals("accepts")) {
      stage.times(rounds, round -> accepts(guest, random, block + Guest.LARGE));
    }
  }

  private static void converters(Guest guest, SplittableRandom random, long block) {
    long first = random.nextLong(170);
    long second = 171 + random.nextLong(170);
    long third = 342 + random.nextLong(170);
    guest.mark("race converters");
    flip(guest, Guest.CONVERT_NANOS, 0, block + first * Guest.PAGE);
    flip(guest, 0, 1, block + second * Guest.PAGE);
    guest.touch(0, 2, block + third * Guest.PAGE, AccessType.WRITE);
    for (long page : new long[] {first, second}) {
      guest.acceptOnDemand((int) (page / 171), block + page * Guest.PAGE);
      guest.write((int) (page / 171), block + page * Guest.PAGE);
    }
  }

  private static void flip(Guest guest, long nanos, int vcpu, long gpa) {
    boolean isPrivate = guest.pages().isPrivate(gpa / Guest.PAGE);
    guest.convertAfter(nanos, vcpu, gpa, Guest.PAGE, !isPrivate);
  }

  private static void slot(Guest guest, SplittableRandom random, long dimm) {
    long gpa = dimm + random.nextLong(DIMM / Guest.PAGE) * Guest.PAGE;
    guest.write(1, gpa);
    guest.mark("race slot");
    flip(guest, Guest.CONVERT_NANOS, 0, gpa);
    guest.mark("slot-delete %x %x".formatted(dimm, DIMM));
    guest.discard(dimm, DIMM);
    guest.mark("slot-add %x %x".formatted(dimm, DIMM));
    guest.write(1, gpa);
  }

  private static void accepts(Guest guest, SplittableRandom random, long block) {
    if (guest.pages().isAccepted(block / Guest.PAGE)) {
      guest.discard(block, Guest.LARGE);
    }
    guest.mark("race accepts");
    if (random.nextBoolean()) {
      guest.accept(1, block, Guest.LARGE);
    } else {
      long page = block + random.nextLong(512) * Guest.PAGE;
      guest.accept(0, page, Guest.PAGE);
      for (long gpa = block; gpa < block + Guest.LARGE; gpa += Guest.PAGE) {
        if (gpa != page) {
          guest.acceptAfter(0, 1, gpa, Guest.PAGE);
        }
      }
    }
    guest.write(2, block);
  }
}
