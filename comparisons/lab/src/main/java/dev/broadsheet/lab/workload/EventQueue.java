package dev.broadsheet.lab.workload;

import dev.broadsheet.lab.trace.AccessType;
import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.TraceEvent;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The events of one step of a plan, in columns; filled, drained, and filled again. */
final class EventQueue {
  private EventKind[] kinds = new EventKind[1024];
  private AccessType[] accesses = new AccessType[1024];
  private long[] deltas = new long[1024];
  private int[] vcpus = new int[1024];
  private long[] gpas = new long[1024];
  private long[] sizes = new long[1024];
  private boolean[] privates = new boolean[1024];
  private @Nullable String[] texts = new String[1024];
  private int head;
  private int tail;

  boolean isEmpty() {
    return head == tail;
  }

  void add(
      EventKind kind,
      long delta,
      int vcpu,
      long gpa,
      long size,
      AccessType access,
      boolean isPrivate,
      @Nullable String text) {
    if (isEmpty()) {
      head = 0;
      tail = 0;
    }
    if (tail == kinds.length) {
      grow();
    }
    kinds[tail] = kind;
    accesses[tail] = access;
    deltas[tail] = delta;
    vcpus[tail] = vcpu;
    gpas[tail] = gpa;
    sizes[tail] = size;
    privates[tail] = isPrivate;
    texts[tail] = text;
    tail++;
  }

  void take(TraceEvent event) {
    int i = head++;
    switch (kinds[i]) {
      case INITIAL -> event.setInitial(deltas[i], gpas[i], sizes[i]);
      case FIRST, TOUCH ->
          event.setAccess(kinds[i], deltas[i], vcpus[i], gpas[i], accesses[i], privates[i]);
      case ACCEPT -> event.setAccept(deltas[i], vcpus[i], gpas[i], sizes[i]);
      case CONVERT -> event.setConvert(deltas[i], vcpus[i], gpas[i], sizes[i], privates[i]);
      case DISCARD -> event.setDiscard(deltas[i], gpas[i], sizes[i]);
      case REARM -> event.setRearm(deltas[i]);
      case MARK -> {
        String text = texts[i];
        event.setMark(deltas[i], text == null ? "mark" : text);
      }
    }
  }

  private void grow() {
    int length = 2 * kinds.length;
    kinds = Arrays.copyOf(kinds, length);
    accesses = Arrays.copyOf(accesses, length);
    deltas = Arrays.copyOf(deltas, length);
    vcpus = Arrays.copyOf(vcpus, length);
    gpas = Arrays.copyOf(gpas, length);
    sizes = Arrays.copyOf(sizes, length);
    privates = Arrays.copyOf(privates, length);
    texts = Arrays.copyOf(texts, length);
  }
}
