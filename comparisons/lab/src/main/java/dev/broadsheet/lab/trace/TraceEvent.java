package dev.broadsheet.lab.trace;

/**
 * One event of a trace: a cursor that a stream fills again and again, so that reading allocates
 * nothing per event.
 *
 * <p>Addresses and sizes are bytes, times nanoseconds. A field that a kind of event does not have
 * is 0, {@link AccessType#READ}, false or the empty text.
 */
public final class TraceEvent {
  private EventKind kind = EventKind.MARK;
  private long deltaNanos;
  private int vcpu;
  private long gpa;
  private long bytes;
  private AccessType access = AccessType.READ;
  private boolean isPrivate;
  private String text = "";

  /** Returns the kind. */
  public EventKind kind() {
    return kind;
  }

  /** Returns the nanoseconds since the event before; 0 for the first. */
  public long deltaNanos() {
    return deltaNanos;
  }

  /** Returns the virtual CPU of an access, accept or conversion. */
  public int vcpu() {
    return vcpu;
  }

  /** Returns the guest physical address, without the shared bit. */
  public long gpa() {
    return gpa;
  }

  /** Returns the size in bytes; 4096 for an access. */
  public long bytes() {
    return bytes;
  }

  /** Returns the first byte behind the range. */
  public long end() {
    return gpa + bytes;
  }

  /** Returns how an access touched the page. */
  public AccessType access() {
    return access;
  }

  /** Returns whether an access is private, or a conversion makes private. */
  public boolean isPrivate() {
    return isPrivate;
  }

  /** Returns the name of a mark. */
  public String text() {
    return text;
  }

  /** Makes this a page addition before start. */
  public void setInitial(long delta, long address, long size) {
    set(EventKind.INITIAL, delta, 0, address, size, AccessType.READ, true, "");
  }

  /** Makes this an access to the page at {@code address}: kind first or touch. */
  public void setAccess(
      EventKind first, long delta, int cpu, long address, AccessType type, boolean toPrivate) {
    set(first, delta, cpu, address, 4096, type, toPrivate, "");
  }

  /** Makes this an accept. */
  public void setAccept(long delta, int cpu, long address, long size) {
    set(EventKind.ACCEPT, delta, cpu, address, size, AccessType.WRITE, true, "");
  }

  /** Makes this a conversion. */
  public void setConvert(long delta, int cpu, long address, long size, boolean toPrivate) {
    set(EventKind.CONVERT, delta, cpu, address, size, AccessType.READ, toPrivate, "");
  }

  /** Makes this a discard. */
  public void setDiscard(long delta, long address, long size) {
    set(EventKind.DISCARD, delta, 0, address, size, AccessType.READ, false, "");
  }

  /** Makes this a working-set re-arm. */
  public void setRearm(long delta) {
    set(EventKind.REARM, delta, 0, 0, 0, AccessType.READ, false, "");
  }

  /** Makes this a mark. */
  public void setMark(long delta, String name) {
    set(EventKind.MARK, delta, 0, 0, 0, AccessType.READ, false, name);
  }

  private void set(
      EventKind newKind,
      long delta,
      int cpu,
      long address,
      long size,
      AccessType type,
      boolean toPrivate,
      String name) {
    this.kind = newKind;
    this.deltaNanos = delta;
    this.vcpu = cpu;
    this.gpa = address;
    this.bytes = size;
    this.access = type;
    this.isPrivate = toPrivate;
    this.text = name;
  }

  /** Returns the event as a line of {@code tdp-trace 1}, without its end. */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder(40).append(kind.letter()).append(' ').append(deltaNanos);
    switch (kind) {
      case INITIAL, DISCARD -> hex(hex(line, gpa), bytes);
      case FIRST, TOUCH ->
          hex(line.append(' ').append(vcpu), gpa)
              .append(' ')
              .append(access.letter())
              .append(isPrivate ? " p" : " s");
      case ACCEPT -> hex(hex(line.append(' ').append(vcpu), gpa), bytes);
      case CONVERT ->
          hex(hex(line.append(' ').append(vcpu), gpa), bytes)
              .append(isPrivate ? " private" : " shared");
      case REARM -> {
        // The time is all there is.
      }
      case MARK -> line.append(' ').append(text);
    }
    return line.toString();
  }

  private static StringBuilder hex(StringBuilder line, long value) {
    return line.append(' ').append(Long.toHexString(value));
  }
}
