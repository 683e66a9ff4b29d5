package dev.broadsheet.lab.trace;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Strict streaming reader of {@code tdp-trace 1}, gzip or plain.
 *
 * <p>Memory is bounded: lines are slices of one buffer, events are written into the caller's
 * cursor. Whatever the format does not say is refused with file, line number, what was found and
 * what was expected.
 */
public final class TraceReader implements EventStream {
  private static final long PAGE = 0x1000;
  private static final long LARGE_PAGE = 0x200000;
  private static final long GPA_LIMIT = 1L << 52;

  private final SourceBytes source;
  private final LineReader lines;
  private final TraceHeader header;
  private final long[] slotStart;
  private final long[] slotEnd;
  private final EventCounts counted = new EventCounts();
  private int lastSlot;
  private byte[] buffer;
  private int at;
  private int end;
  private @Nullable String sha256;

  private TraceReader(SourceBytes source, LineReader lines, TraceHeader header) {
    this.source = source;
    this.lines = lines;
    this.header = header;
    this.buffer = lines.buffer();
    this.slotStart = header.slots().stream().mapToLong(TraceSlot::gpa).toArray();
    this.slotEnd = header.slots().stream().mapToLong(TraceSlot::end).toArray();
    for (int i = slotStart.length - 2; i >= 0; i--) {
      if (slotEnd[i] == slotStart[i + 1]) {
        slotEnd[i] = slotEnd[i + 1]; // adjacent slots: a range may cross from one to the next
      }
    }
  }

  /**
   * Reads the header; takes the stream over and closes it, also when the header is malformed.
   *
   * @param file how messages name the source
   */
  public static TraceReader open(String file, InputStream in) throws IOException {
    SourceBytes source = SourceBytes.of(file, in);
    LineReader lines = new LineReader(file, source.stream());
    try {
      return new TraceReader(source, lines, new HeaderParser(lines).parse());
    } catch (IOException | RuntimeException e) {
      try (lines) {
        throw e;
      }
    }
  }

  @Override
  public TraceHeader header() {
    return header;
  }

  @Override
  public boolean next(TraceEvent event) throws IOException {
    if (!lines.next()) {
      checkCounts();
      sha256 = source.sha256();
      return false;
    }
    buffer = lines.buffer();
    at = lines.start();
    end = lines.end();
    EventKind kind = at < end ? EventKind.ofLetter(buffer[at]) : null;
    at++;
    if (kind == null) {
      throw lines.malformed("an event line, which begins with I, F, T, A, C, D, E or M");
    }
    long delta = decimal(kind, Long.MAX_VALUE / 1000);
    switch (kind) {
      case INITIAL -> {
        long gpa = hex(kind);
        long bytes = hex(kind);
        requirePages(kind, gpa, bytes);
        requireRam(gpa, bytes);
        event.setInitial(delta, gpa, bytes);
      }
      case FIRST, TOUCH -> access(kind, delta, event);
      case ACCEPT -> {
        int vcpu = vcpu(kind);
        long gpa = hex(kind);
        long bytes = hex(kind);
        if ((bytes != PAGE && bytes != LARGE_PAGE) || (gpa & (bytes - 1)) != 0) {
          throw lines.malformed(
              "'" + form(kind) + "' with 1000 or 200000 bytes and an address aligned to them");
        }
        requireRam(gpa, bytes);
        event.setAccept(delta, vcpu, gpa, bytes);
      }
      case CONVERT -> {
        int vcpu = vcpu(kind);
        long gpa = hex(kind);
        long bytes = hex(kind);
        requirePages(kind, gpa, bytes);
        event.setConvert(delta, vcpu, gpa, bytes, word(kind, "private", "shared"));
      }
      case DISCARD -> {
        long gpa = hex(kind);
        long bytes = hex(kind);
        requirePages(kind, gpa, bytes);
        requireRam(gpa, bytes);
        event.setDiscard(delta, gpa, bytes);
      }
      case REARM -> event.setRearm(delta);
      case MARK -> {
        space(kind);
        if (at == end) {
          throw lines.malformed("'" + form(kind) + "'");
        }
        event.setMark(delta, new String(buffer, at, end - at, StandardCharsets.UTF_8));
        at = end;
      }
    }
    if (at != end) {
      throw lines.malformed("'" + form(kind) + "' and nothing behind it");
    }
    counted.add(kind);
    return true;
  }

  private void access(EventKind kind, long delta, TraceEvent event) throws TraceFormatException {
    int vcpu = vcpu(kind);
    long gpa = hex(kind);
    AccessType access =
        switch (letter(kind)) {
          case 'r' -> AccessType.READ;
          case 'w' -> AccessType.WRITE;
          case 'x' -> AccessType.EXECUTE;
          case 't' -> AccessType.WALK;
          default -> throw lines.malformed("'" + form(kind) + "' with r, w, x or t for ACC");
        };
    boolean isPrivate =
        switch (letter(kind)) {
          case 'p' -> true;
          case 's' -> false;
          default -> throw lines.malformed("'" + form(kind) + "' with p or s for ATTR");
        };
    requirePages(kind, gpa, PAGE);
    requireRam(gpa, PAGE);
    event.setAccess(kind, delta, vcpu, gpa, access, isPrivate);
  }

  private int vcpu(EventKind kind) throws TraceFormatException {
    long vcpu = decimal(kind, Integer.MAX_VALUE);
    if (vcpu >= header.vcpus()) {
      throw lines.wrong(
          "vCPU " + vcpu, "a number below the " + header.vcpus() + " vCPUs of the header");
    }
    return (int) vcpu;
  }

  private void requirePages(EventKind kind, long gpa, long bytes) throws TraceFormatException {
    if (((gpa | bytes) & (PAGE - 1)) != 0 || bytes == 0 || gpa > GPA_LIMIT - bytes) {
      throw lines.malformed("'" + form(kind) + "' with whole 4 KiB pages below 2^52");
    }
  }

  private void requireRam(long gpa, long bytes) throws TraceFormatException {
    if (gpa >= slotStart[lastSlot] && gpa + bytes <= slotEnd[lastSlot]) {
      return;
    }
    for (int i = 0; i < slotStart.length; i++) {
      if (gpa >= slotStart[i] && gpa + bytes <= slotEnd[i]) {
        lastSlot = i;
        return;
      }
    }
    throw lines.wrong(
        "%s, outside the declared memory"
            .formatted(TraceFormatException.quote(buffer, lines.start(), end)),
        "an address inside the slots of the header");
  }

  private void space(EventKind kind) throws TraceFormatException {
    if (at >= end || buffer[at] != ' ') {
      throw lines.malformed("'" + form(kind) + "'");
    }
    at++;
  }

  private int letter(EventKind kind) throws TraceFormatException {
    space(kind);
    if (at >= end) {
      throw lines.malformed("'" + form(kind) + "'");
    }
    return buffer[at++];
  }

  private long decimal(EventKind kind, long limit) throws TraceFormatException {
    space(kind);
    int from = at;
    long value = 0;
    while (at < end && buffer[at] >= '0' && buffer[at] <= '9' && value <= limit / 10) {
      value = 10 * value + (buffer[at++] - '0');
    }
    if (at == from || value > limit || (at < end && buffer[at] != ' ')) {
      throw lines.malformed("'" + form(kind) + "'");
    }
    return value;
  }

  private long hex(EventKind kind) throws TraceFormatException {
    space(kind);
    int from = at;
    long value = 0;
    while (at < end && at - from < 14) {
      int c = buffer[at];
      int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
      if (digit < 0) {
        break;
      }
      value = value << 4 | digit;
      at++;
    }
    if (at == from || (at < end && buffer[at] != ' ')) {
      throw lines.malformed("'" + form(kind) + "', addresses in lower-case hex without 0x");
    }
    return value;
  }

  private boolean word(EventKind kind, String yes, String no) throws TraceFormatException {
    space(kind);
    if (holds(yes)) {
      at = end;
      return true;
    }
    if (holds(no)) {
      at = end;
      return false;
    }
    throw lines.malformed("'" + form(kind) + "'");
  }

  private boolean holds(String word) {
    if (end - at != word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (buffer[at + i] != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static String form(EventKind kind) {
    return switch (kind) {
      case INITIAL -> "I dt GPA BYTES";
      case FIRST -> "F dt VCPU GPA ACC ATTR";
      case TOUCH -> "T dt VCPU GPA ACC ATTR";
      case ACCEPT -> "A dt VCPU GPA BYTES";
      case CONVERT -> "C dt VCPU GPA BYTES shared|private";
      case DISCARD -> "D dt GPA BYTES";
      case REARM -> "E dt";
      case MARK -> "M dt TEXT";
    };
  }

  private void checkCounts() throws TraceFormatException {
    if (header.counts().isEmpty()) {
      return;
    }
    for (EventKind kind : EventKind.values()) {
      Long declared = header.counts().get(kind);
      long expected = declared == null ? 0 : declared;
      if (counted.get(kind) != expected) {
        throw lines.wrong(
            "the end of the file after %d %s lines".formatted(counted.get(kind), kind.letter()),
            "%d, as '# counts:' says; the file is cut or was edited".formatted(expected));
      }
    }
  }

  @Override
  public String sha256() {
    if (sha256 == null) {
      throw new IllegalStateException("the hash is known when the last event was read");
    }
    return sha256;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
