package dev.broadsheet.lab.trace;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.jspecify.annotations.Nullable;

/**
 * What a trace says about itself before its first event.
 *
 * @param name short name, such as {@code td-boot-1g-1v}
 * @param kind confidential or ordinary guest
 * @param vcpus number of virtual CPUs, 1 or more
 * @param slots guest memory, sorted by address, without overlap
 * @param counts declared number of event lines by letter; empty when the header has none
 * @param keys every other key, in file order
 */
public record TraceHeader(
    String name,
    GuestKind kind,
    int vcpus,
    ImmutableList<TraceSlot> slots,
    ImmutableMap<EventKind, Long> counts,
    ImmutableMap<String, String> keys) {

  /** Returns whether adjacent slots hold all of {@code [gpa, gpa + bytes)}. */
  boolean covers(long gpa, long bytes) {
    long next = gpa;
    for (TraceSlot slot : slots) {
      if (next >= slot.gpa() && next < slot.end()) {
        next = slot.end();
      }
      if (next >= gpa + bytes) {
        return true;
      }
    }
    return false;
  }

  /** Returns the bytes of RAM: slots that are not firmware. */
  public long ramBytes() {
    return slots.stream().filter(TraceSlot::isRam).mapToLong(TraceSlot::bytes).sum();
  }

  /** Returns the value of a further key, or null if the header does not have it. */
  public @Nullable String key(String key) {
    return keys.get(key);
  }
}
