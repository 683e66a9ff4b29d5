package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.trace.TraceHeader;
import dev.broadsheet.lab.trace.TraceSlot;
import java.util.ArrayList;
import java.util.List;

/**
 * The memslots that QEMU makes of the memory that a trace declares: one from 0 to the end of low
 * RAM, over the holes that the guest sees below 1 MiB; one for the firmware below 4 GiB; one for
 * the RAM from 4 GiB on.
 */
final class VmmSlots {
  private static final long FOUR_GIB = 1L << 32;

  private VmmSlots() {}

  /** A memslot to create. */
  record Slot(int id, long gpa, long bytes, String purpose) {
    long end() {
      return gpa + bytes;
    }
  }

  static ImmutableList<Slot> of(TraceHeader header) {
    long lowEnd = 0;
    for (TraceSlot slot : header.slots()) {
      if (slot.isRam() && slot.gpa() < FOUR_GIB) {
        lowEnd = Math.max(lowEnd, slot.end());
      }
    }
    List<Slot> slots = new ArrayList<>();
    if (lowEnd > 0) {
      slots.add(new Slot(0, 0, lowEnd, "low RAM"));
    }
    for (TraceSlot slot : header.slots()) {
      if (slot.gpa() >= lowEnd) {
        slots.add(
            new Slot(
                slots.size(),
                slot.gpa(),
                slot.bytes(),
                slot.isRam() ? "RAM from 4 GiB" : "firmware"));
      }
    }
    return ImmutableList.copyOf(slots);
  }
}
