package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.trace.TraceSlot;

/**
 * The memory and the vCPUs of a guest.
 *
 * @param vcpus number of vCPUs
 * @param slots memory as KVM has it, sorted
 * @param lowEnd first byte behind the RAM below 4 GiB
 * @param highEnd first byte behind the RAM from 4 GiB, or 4 GiB if there is none
 */
record GuestShape(int vcpus, ImmutableList<TraceSlot> slots, long lowEnd, long highEnd) {
  static final long FOUR_GIB = 1L << 32;
  static final long FIRMWARE = FOUR_GIB - (4L << 20);

  private static final long LARGEST_LOW = 0xb000_0000L;
  private static final long LOW_WHEN_SPLIT = 0x8000_0000L;

  /**
   * Returns the slots of a TD under QEMU's q35 machine: RAM from 0, RAM from 4 GiB if there is more
   * than 2.75 GiB, and the firmware in the 4 MiB below 4 GiB.
   */
  static GuestShape q35(long ramBytes, int vcpus) {
    long low = ramBytes <= LARGEST_LOW ? ramBytes : LOW_WHEN_SPLIT;
    ImmutableList.Builder<TraceSlot> slots = ImmutableList.builder();
    slots.add(new TraceSlot(0, low, true, "ram"));
    slots.add(new TraceSlot(FIRMWARE, FOUR_GIB - FIRMWARE, false, "pc.bios"));
    if (low < ramBytes) {
      slots.add(new TraceSlot(FOUR_GIB, ramBytes - low, true, "ram"));
    }
    return new GuestShape(vcpus, slots.build(), low, FOUR_GIB + ramBytes - low);
  }

  /** Returns the bytes of RAM. */
  long ramBytes() {
    return slots.stream().filter(TraceSlot::isRam).mapToLong(TraceSlot::bytes).sum();
  }

  /** Returns whether one run of adjacent slots holds {@code [gpa, gpa + bytes)}. */
  boolean holds(long gpa, long bytes) {
    long next = gpa;
    for (TraceSlot slot : slots) {
      if (next >= slot.gpa() && next < slot.end()) {
        next = slot.end();
      }
    }
    return next >= gpa + bytes;
  }

  /** Returns whether any slot touches {@code [gpa, gpa + bytes)}. */
  boolean touches(long gpa, long bytes) {
    for (TraceSlot slot : slots) {
      if (gpa < slot.end() && slot.gpa() < gpa + bytes) {
        return true;
      }
    }
    return false;
  }
}
