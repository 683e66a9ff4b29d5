package dev.broadsheet.lab.workload;

import dev.broadsheet.lab.trace.AccessType;
import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.GuestPages;
import java.util.SplittableRandom;

/**
 * A guest that follows the rules, and writes down what it does.
 *
 * <p>Addresses are bytes. An access has the attribute that the page has; private memory is accepted
 * before it is touched, on demand in chunks as Linux does it, unless a pattern says otherwise;
 * memory that is made private again is accepted at once. A repeated access to a page whose mapping
 * nothing can have dropped gives no event.
 */
final class Guest {
  static final long PAGE = 4096;
  static final long LARGE = 2L << 20;
  static final long HUGE = 1L << 30;

  /** Nominal time of an access, in ns. */
  static final long ACCESS_NANOS = 1_000;

  /** Per 4K page: 60 s for 90 GiB on one vCPU, as published for TDX. */
  static final long ACCEPT_NANOS = 2_500;

  static final long CONVERT_NANOS = 10_000;

  private final GuestShape shape;
  private final long seed;
  private final EventQueue queue;
  private final GuestPages pages = new GuestPages(true);
  private long acceptLevel = LARGE;
  private long acceptChunk = 4L << 20;
  private long idle;
  private boolean began;

  Guest(GuestShape shape, long seed, EventQueue queue) {
    this.shape = shape;
    this.seed = seed;
    this.queue = queue;
  }

  GuestShape shape() {
    return shape;
  }

  GuestPages pages() {
    return pages;
  }

  int vcpus() {
    return shape.vcpus();
  }

  /** Returns numbers that depend on the seed and the name alone. */
  SplittableRandom random(String name) {
    return new SplittableRandom(seed * 0x9e3779b97f4a7c15L + name.hashCode());
  }

  /** Sets how private memory is accepted: largest size of one accept, and how much at a time. */
  void acceptBy(long level, long chunk) {
    acceptLevel = level;
    acceptChunk = Math.max(level, chunk);
  }

  /** Lets time go by before the next event. */
  void pause(long nanos) {
    idle += nanos;
  }

  /** The VMM adds memory before start. */
  void initial(long gpa, long bytes) {
    requireMemory(gpa, bytes);
    pages.accept(gpa / PAGE, (gpa + bytes) / PAGE);
    emit(EventKind.INITIAL, 0, 0, gpa, bytes, AccessType.READ, true);
  }

  /** One MapGPA call, and nothing else: the caller accepts what became private. */
  void convert(int vcpu, long gpa, long bytes, boolean toPrivate) {
    convertAfter(CONVERT_NANOS, vcpu, gpa, bytes, toPrivate);
  }

  /** As {@link #convert} with the time since the event before given: 0 for the same moment. */
  void convertAfter(long nanos, int vcpu, long gpa, long bytes, boolean toPrivate) {
    if (shape.touches(gpa, bytes)) {
      requireMemory(gpa, bytes);
      pages.convert(gpa / PAGE, (gpa + bytes) / PAGE, toPrivate);
    }
    emit(EventKind.CONVERT, nanos, vcpu, gpa, bytes, AccessType.READ, toPrivate);
  }

  /** Takes memory into use, as an allocation does, and shares it by one call. */
  void share(int vcpu, long gpa, long bytes) {
    for (long at = gpa; at < gpa + bytes; at += PAGE) {
      acceptOnDemand(vcpu, at);
    }
    convert(vcpu, gpa, bytes, false);
  }

  /** Makes memory private by one call and accepts it, in the largest aligned pieces. */
  void unshare(int vcpu, long gpa, long bytes) {
    convert(vcpu, gpa, bytes, true);
    acceptRange(vcpu, gpa, bytes);
  }

  /** Accepts what of a range is private and not accepted, in the largest aligned pieces. */
  void acceptRange(int vcpu, long gpa, long bytes) {
    long end = gpa + bytes;
    for (long at = gpa; at < end; ) {
      long piece =
          acceptLevel == LARGE && at % LARGE == 0 && at + LARGE <= end && isUnaccepted(at)
              ? LARGE
              : PAGE;
      if (piece == LARGE || pages.isUnaccepted(at / PAGE, at / PAGE + 1)) {
        accept(vcpu, at, piece);
      }
      at += piece;
    }
  }

  /** One accept of 4K or 2M. */
  void accept(int vcpu, long gpa, long bytes) {
    acceptAfter(ACCEPT_NANOS, vcpu, gpa, bytes);
  }

  /** As {@link #accept} with the time since the event before given. */
  void acceptAfter(long nanos, int vcpu, long gpa, long bytes) {
    requireMemory(gpa, bytes);
    if (!pages.isUnaccepted(gpa / PAGE, (gpa + bytes) / PAGE)) {
      throw new IllegalStateException(
          "the guest accepts [%x, %x), not all of it private and unaccepted"
              .formatted(gpa, gpa + bytes));
    }
    pages.accept(gpa / PAGE, (gpa + bytes) / PAGE);
    emit(EventKind.ACCEPT, nanos, vcpu, gpa, bytes, AccessType.WRITE, true);
  }

  void read(int vcpu, long gpa) {
    access(ACCESS_NANOS, vcpu, gpa, AccessType.READ);
  }

  void write(int vcpu, long gpa) {
    access(ACCESS_NANOS, vcpu, gpa, AccessType.WRITE);
  }

  /** Writes each page of a range, upwards, as clearing does. */
  void fill(int vcpu, long gpa, long bytes) {
    for (long at = gpa; at < gpa + bytes; at += PAGE) {
      write(vcpu, at);
    }
  }

  /** Touches one page; accepts it first if need be. */
  void access(long nanos, int vcpu, long gpa, AccessType type) {
    acceptOnDemand(vcpu, gpa);
    touch(nanos, vcpu, gpa, type);
  }

  /** Touches one page, accepted or not. */
  void touch(long nanos, int vcpu, long gpa, AccessType type) {
    requireMemory(gpa, PAGE);
    boolean isPrivate = pages.isPrivate(gpa / PAGE);
    switch (pages.access(gpa / PAGE)) {
      case FIRST -> emit(EventKind.FIRST, nanos, vcpu, gpa, PAGE, type, isPrivate);
      case AGAIN -> emit(EventKind.TOUCH, nanos, vcpu, gpa, PAGE, type, isPrivate);
      case SILENT -> idle += nanos;
    }
  }

  /** The VMM takes memory away. */
  void discard(long gpa, long bytes) {
    requireMemory(gpa, bytes);
    pages.discard(gpa / PAGE, (gpa + bytes) / PAGE);
    emit(EventKind.DISCARD, CONVERT_NANOS, 0, gpa, bytes, AccessType.READ, false);
  }

  /** From here the next access to each page is an event again. */
  void rearm() {
    pages.rearm();
    emit(EventKind.REARM, 0, 0, 0, 0, AccessType.READ, false);
  }

  void mark(String text) {
    queue.add(EventKind.MARK, take(0), 0, 0, 0, AccessType.READ, false, text);
  }

  /** Accepts the chunk around a page if the page is private and not accepted. */
  void acceptOnDemand(int vcpu, long gpa) {
    long gfn = gpa / PAGE;
    if (!pages.isPrivate(gfn) || pages.isAccepted(gfn)) {
      return;
    }
    long chunk = gpa - gpa % acceptChunk;
    for (long block = chunk; block < chunk + acceptChunk; block += LARGE) {
      boolean wanted = gpa >= block && gpa < block + LARGE;
      boolean whole = shape.holds(block, LARGE) && isUnaccepted(block);
      if (whole && acceptLevel == LARGE) {
        accept(vcpu, block, LARGE);
      } else if (whole) {
        acceptRange(vcpu, block, LARGE);
      } else if (wanted) {
        accept(vcpu, gpa, PAGE);
      }
    }
  }

  private boolean isUnaccepted(long block) {
    return pages.isUnaccepted(block / PAGE, (block + LARGE) / PAGE);
  }

  private void requireMemory(long gpa, long bytes) {
    if (!shape.holds(gpa, bytes)) {
      throw new IllegalStateException(
          "[%x, %x) is not wholly inside the guest's memory".formatted(gpa, gpa + bytes));
    }
  }

  private void emit(
      EventKind kind,
      long nanos,
      int vcpu,
      long gpa,
      long bytes,
      AccessType access,
      boolean isPrivate) {
    queue.add(kind, take(nanos), vcpu, gpa, bytes, access, isPrivate, null);
  }

  private long take(long nanos) {
    long delta = began ? idle + nanos : 0;
    began = true;
    idle = 0;
    return delta;
  }
}
