package dev.broadsheet.benchmarks;

import dev.broadsheet.benchmarks.peers.BareRadix;
import dev.broadsheet.core.vm.Access;
import dev.broadsheet.core.vm.VirtualMachine;
import dev.broadsheet.lab.trace.AccessType;
import dev.broadsheet.lab.trace.BundledTraces;
import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.EventStream;
import dev.broadsheet.lab.trace.TraceEvent;
import dev.broadsheet.lab.trace.TraceSlot;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** The events of a trace in flat arrays, so that replaying them costs no parsing. */
final class RecordedEvents {
  /** No events. */
  static final RecordedEvents NONE = new RecordedEvents(1, List.of());

  private static final EventKind[] KINDS = EventKind.values();
  private static final int PRIVATE = 1 << 8;
  private static final long FLAGS = 0x77;

  private final int vcpus;
  private final List<TraceSlot> slots;
  private long[] gpas = new long[1 << 16];
  private long[] bytes = new long[1 << 16];

  /** Kind in bits 3..0, access in bits 7..4, private in bit 8, vCPU from bit 16 on. */
  private int[] heads = new int[1 << 16];

  private int count;

  private RecordedEvents(int vcpus, List<TraceSlot> slots) {
    this.vcpus = vcpus;
    this.slots = slots;
  }

  /** Reads a bundled trace or a file. */
  static RecordedEvents read(String nameOrPath) throws IOException {
    try (EventStream stream = BundledTraces.find(nameOrPath).open()) {
      RecordedEvents events = new RecordedEvents(stream.header().vcpus(), stream.header().slots());
      TraceEvent event = new TraceEvent();
      while (stream.next(event)) {
        events.add(event);
      }
      return events;
    }
  }

  private void add(TraceEvent event) {
    if (count == heads.length) {
      gpas = Arrays.copyOf(gpas, 2 * count);
      bytes = Arrays.copyOf(bytes, 2 * count);
      heads = Arrays.copyOf(heads, 2 * count);
    }
    gpas[count] = event.gpa();
    bytes[count] = event.bytes();
    heads[count] =
        event.kind().ordinal()
            | event.access().ordinal() << 4
            | (event.isPrivate() ? PRIVATE : 0)
            | event.vcpu() << 16;
    count++;
  }

  /** Returns how many vCPUs the guest has. */
  int vcpus() {
    return vcpus;
  }

  /** Returns how many pages the accesses and accepts of a replay touch at 4K. */
  long accessedPages() {
    long pages = 0;
    for (int i = 0; i < count; i++) {
      pages += isAccess(heads[i]) ? 1 : 0;
    }
    return pages;
  }

  /** Returns how many pages the conversions name. */
  long convertedPages() {
    long pages = 0;
    for (int i = 0; i < count; i++) {
      pages += KINDS[heads[i] & 15] == EventKind.CONVERT ? bytes[i] >>> 12 : 0;
    }
    return pages;
  }

  private static boolean isAccess(int head) {
    EventKind kind = KINDS[head & 15];
    return kind == EventKind.FIRST || kind == EventKind.TOUCH;
  }

  /** Puts every accessed page into two bare trees. */
  void insertInto(BareRadix one, BareRadix other) {
    for (int i = 0; i < count; i++) {
      if (isAccess(heads[i])) {
        long gfn = gpas[i] >>> 12;
        one.put(gfn, gfn << 12 | FLAGS);
        other.put(gfn, gfn << 12 | FLAGS);
      }
    }
  }

  /** Adds the guest's memory to a machine: adjacent pieces make one slot, as in KVM with TDX. */
  void addSlots(VirtualMachine vm) {
    int id = 0;
    for (int i = 0; i < slots.size(); ) {
      long start = slots.get(i).gpa();
      long end = start;
      while (i < slots.size() && slots.get(i).gpa() == end) {
        end = slots.get(i++).end();
      }
      int errno = vm.addMemslot(id++, start, end - start);
      if (errno != 0) {
        throw new IllegalStateException(
            "the memslot at 0x%x is refused: error %d".formatted(start, errno));
      }
    }
  }

  /** Replays everything and returns how many faults there were. */
  long replay(VirtualMachine vm) {
    long faults = 0;
    boolean runs = false;
    for (int i = 0; i < count; i++) {
      int head = heads[i];
      EventKind kind = KINDS[head & 15];
      boolean isPrivate = (head & PRIVATE) != 0;
      int vcpu = head >>> 16;
      if (!runs && kind != EventKind.INITIAL) {
        vm.finalizeTd();
        runs = true;
      }
      switch (kind) {
        case INITIAL -> vm.addInitialPages(gpas[i], bytes[i]);
        case FIRST, TOUCH -> faults += vm.access(vcpu, gpas[i], access(head), isPrivate).faults();
        case ACCEPT -> faults += vm.accept(vcpu, gpas[i], bytes[i]).faults();
        case CONVERT -> vm.mapGpa(vcpu, gpas[i], bytes[i], isPrivate);
        case DISCARD -> vm.discard(gpas[i], bytes[i]);
        case REARM, MARK -> {
          // Nothing is done to the machine.
        }
      }
    }
    return faults;
  }

  private static final Access[] ACCESSES = {Access.READ, Access.WRITE, Access.EXECUTE, Access.WALK};

  private static Access access(int head) {
    return ACCESSES[head >>> 4 & 15];
  }

  static {
    // Relies on: both enums name the same four accesses in the same order.
    if (AccessType.values().length != ACCESSES.length) {
      throw new IllegalStateException("an access type that the machine does not know");
    }
  }
}
