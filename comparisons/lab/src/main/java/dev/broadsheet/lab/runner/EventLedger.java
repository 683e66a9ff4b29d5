package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableMap;

/**
 * What became of every event line under one strategy. The entries of each letter add up to the
 * trace's lines of that letter, except those that begin with a dash, which count something else.
 */
final class EventLedger {
  /** The entries, in the order of reports. */
  enum Entry {
    I_ADDED("I added to the TD before it runs"),
    I_PLAIN("I nothing to add in this kind of machine"),
    I_REFUSED("I refused"),
    F_FAULTED("F faulted, once"),
    F_FAULTED_AGAIN("F faulted, more than once"),
    F_MAPPED_BY_ACCEPT("F found mapped, by an accept"),
    F_MAPPED_AT_START("F found mapped, added before start"),
    F_MAPPED_BY_NEIGHBOUR("F found mapped, inside a larger page"),
    F_OTHER("F ended otherwise (device, exit, error)"),
    T_MAPPED("T found mapped"),
    T_FAULTED_CONVERTED("T faulted, its 2M region was converted in part"),
    T_FAULTED_DISCARDED("T faulted, its 2M region was discarded in part"),
    T_FAULTED_OTHER("T faulted, for another reason"),
    T_OTHER("T ended otherwise (device, exit, error)"),
    A_FAULTED("A accepted, with faults"),
    A_MAPPED("A accepted, found mapped"),
    A_PLAIN("A nothing to accept in this kind of machine"),
    A_REFUSED("A refused by the TDX module"),
    A_OTHER("A ended otherwise (exit, error)"),
    C_INSIDE("C converted, inside memory"),
    C_OUTSIDE("C converted, outside memory"),
    C_PARTLY("C converted, across the edge of memory"),
    C_REFUSED("C refused"),
    C_PLAIN("C nothing to convert in this kind of machine"),
    D_DISCARDED("D discarded"),
    E_NOTED("E noted"),
    M_NOTED("M noted"),
    FAULTS_OF_ACCEPTS("- faults that accepts took"),
    OVERLAPPED_EVENTS("- events that happened while another vCPU converted"),
    OVERLAPPED_CONVERSIONS("- conversions that happened while another vCPU faulted"),
    CAME_AGAIN("- tries of events that met an open conversion and came again"),
    CHUNKS("- pieces of at most 2 MiB that conversions were cut into");

    private final String text;

    Entry(String text) {
      this.text = text;
    }
  }

  private final long[] counts = new long[Entry.values().length];

  void add(Entry entry) {
    add(entry, 1);
  }

  @SuppressWarnings("EnumOrdinal") // an index into an array of this class alone, never stored
  void add(Entry entry, long times) {
    counts[entry.ordinal()] += times;
  }

  @SuppressWarnings("EnumOrdinal") // as above
  long get(Entry entry) {
    return counts[entry.ordinal()];
  }

  /** Returns the counts by their text, zeroes included. */
  ImmutableMap<String, Long> toMap() {
    ImmutableMap.Builder<String, Long> map = ImmutableMap.builder();
    for (Entry entry : Entry.values()) {
      map.put(entry.text, get(entry));
    }
    return map.buildOrThrow();
  }
}
