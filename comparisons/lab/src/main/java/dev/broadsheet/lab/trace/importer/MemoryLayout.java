package dev.broadsheet.lab.trace.importer;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.trace.TraceSlot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Finds out where a guest's memory is, from what a log says about it. */
final class MemoryLayout {
  static final long MOST_MEMORY = 4L << 40;

  private static final long FOUR_GIB = 1L << 32;
  private static final long FIRMWARE = FOUR_GIB - (4L << 20);
  private static final long DEVICES = 0xc000_0000L;
  private static final long LARGEST_LOW = 0xb000_0000L;
  private static final long BLOCK = 2L << 20;
  private static final long ROUND = 128L << 20;
  private static final long LOW_GAP = 512L << 20;
  private static final int MOST_BLOCKS = 1 << 20;
  private static final int MOST_SLOTS = 4096;
  private static final int READ_ONLY = 2;
  private static final int GUEST_MEMFD = 4;

  private final Map<Integer, Slot> current = new TreeMap<>();
  private final List<ImportOptions.HostRange> hosts = new ArrayList<>();
  private final TreeSet<Long> mapped = new TreeSet<>();
  private final TreeSet<Long> accessed = new TreeSet<>();
  private List<Slot> best = List.of();
  private long bestBytes;
  private boolean guestMemfd;

  private record Slot(long gpa, long bytes, int flags) {}

  /** Notes a memslot as QEMU sets it; returns false if it cannot be. */
  boolean slot(LogEvent event) {
    if (event.addressSpace != 0) {
      return true; // the address space of system management mode
    }
    current.remove(event.slot);
    if (event.bytes == 0) {
      return true;
    }
    for (Slot other : current.values()) {
      if (event.gpa < other.gpa + other.bytes && other.gpa < event.gpa + event.bytes) {
        return false;
      }
    }
    long sum = current.values().stream().mapToLong(Slot::bytes).sum() + event.bytes;
    if (sum > MOST_MEMORY || current.size() == MOST_SLOTS) {
      return false;
    }
    current.put(event.slot, new Slot(event.gpa, event.bytes, event.flags));
    guestMemfd |= (event.flags & GUEST_MEMFD) != 0;
    var range = new ImportOptions.HostRange(event.hva, event.gpa, event.bytes);
    if (hosts.size() < MOST_SLOTS && !hosts.contains(range)) {
      hosts.add(range);
    }
    if (sum >= bestBytes) {
      bestBytes = sum;
      best = List.copyOf(current.values());
    }
    return true;
  }

  /** Notes that a page was mapped; returns false if there are too many to hold. */
  boolean mapped(long gpa) {
    mapped.add(gpa / BLOCK);
    return mapped.size() <= MOST_BLOCKS;
  }

  /** Notes that a page was accessed or converted: the weaker sign of memory. */
  void accessed(long gpa) {
    if (accessed.size() < MOST_BLOCKS) {
      accessed.add(gpa / BLOCK);
    }
  }

  boolean hasGuestMemfd() {
    return guestMemfd;
  }

  /** Returns the host addresses that were told. */
  List<ImportOptions.HostRange> hosts() {
    return hosts;
  }

  /** Returns how {@link #slots} finds the memory. */
  String source(long ramBytes) {
    return ramBytes > 0
        ? "the size that was given, as q35 lays it out"
        : !best.isEmpty()
            ? "QEMU's memslots"
            : mapped.isEmpty()
                ? "a guess from accessed and converted pages"
                : "a guess from pages that KVM mapped";
  }

  /** Returns the memory, sorted; empty if nothing is known. */
  ImmutableList<TraceSlot> slots(long ramBytes) {
    if (ramBytes > 0) {
      return q35(ramBytes);
    }
    if (!best.isEmpty()) {
      return best.stream()
          .sorted(Comparator.comparingLong(Slot::gpa))
          .map(MemoryLayout::named)
          .collect(ImmutableList.toImmutableList());
    }
    return guess(mapped.isEmpty() ? accessed : mapped);
  }

  private static TraceSlot named(Slot slot) {
    boolean readOnly = (slot.flags & READ_ONLY) != 0;
    String name = !readOnly ? "ram" : slot.gpa + slot.bytes == FOUR_GIB ? "pc.bios" : "pc.rom";
    return new TraceSlot(slot.gpa, slot.bytes, !readOnly, name);
  }

  private static ImmutableList<TraceSlot> q35(long ramBytes) {
    long low = ramBytes <= LARGEST_LOW ? ramBytes : 2L << 30;
    ImmutableList.Builder<TraceSlot> slots = ImmutableList.builder();
    slots.add(new TraceSlot(0, low, true, "ram"));
    slots.add(new TraceSlot(FIRMWARE, FOUR_GIB - FIRMWARE, false, "pc.bios"));
    if (low < ramBytes) {
      slots.add(new TraceSlot(FOUR_GIB, ramBytes - low, true, "ram"));
    }
    return slots.build();
  }

  /** RAM from 0, device memory below 4 GiB as it is touched, firmware, RAM from 4 GiB. */
  private static ImmutableList<TraceSlot> guess(NavigableSet<Long> blocks) {
    ImmutableList.Builder<TraceSlot> slots = ImmutableList.builder();
    long low = 0;
    for (long block : blocks.headSet(DEVICES / BLOCK)) {
      if (block * BLOCK > low + LOW_GAP) {
        break; // a hole that large is none: what is behind it belongs to devices
      }
      low = (block + 1) * BLOCK;
    }
    if (low > 0) {
      slots.add(
          new TraceSlot(0, Math.min(DEVICES, (low + ROUND - 1) / ROUND * ROUND), true, "ram"));
    }
    long devices = (low + ROUND - 1) / ROUND * (ROUND / BLOCK);
    long start = -1;
    long end = -1;
    for (long block : blocks.tailSet(Math.min(devices, DEVICES / BLOCK), true)) {
      long gpa = block * BLOCK;
      // Above 4 GiB memory is sparse but in one piece; below it is as it is touched.
      long gap = gpa < FOUR_GIB || start < FOUR_GIB ? 0 : 1L << 30;
      if (start >= 0 && gpa > end + gap) {
        slots.add(guessed(start, end));
        start = -1;
      }
      if (start < 0) {
        start = gpa >= FOUR_GIB && gpa < FOUR_GIB + (1L << 30) ? FOUR_GIB : gpa;
      }
      end = gpa + BLOCK;
    }
    if (start >= 0) {
      slots.add(guessed(start, end));
    }
    return slots.build();
  }

  private static TraceSlot guessed(long start, long end) {
    return end == FOUR_GIB
        ? new TraceSlot(start, end - start, false, "pc.bios")
        : new TraceSlot(start, end - start, true, "ram");
  }
}
