package dev.broadsheet.lab.trace.importer;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.trace.AccessType;
import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.EventStream;
import dev.broadsheet.lab.trace.GuestKind;
import dev.broadsheet.lab.trace.GuestPages;
import dev.broadsheet.lab.trace.TraceEvent;
import dev.broadsheet.lab.trace.TraceHeader;
import dev.broadsheet.lab.trace.TraceSlot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The events of several logs, in the order of their times. */
final class MergedStream implements EventStream {
  private final TraceHeader header;
  private final ImportOptions options;
  private final TraceImport.LogFacts facts;
  private final List<Source> sources = new ArrayList<>();
  private final ArrayDeque<Out> ready = new ArrayDeque<>();
  private final GuestPages pages = new GuestPages(true);
  private final MessageDigest digest = sha256Digest();
  private final Dropped dropped;
  private long now;
  private long emitted = -1;
  private @Nullable Out waitingFault;
  private @Nullable Out lastRequest;
  private @Nullable String sha256;

  /** An event with its time, before it is written into the caller's. */
  private record Out(
      EventKind kind,
      long nanos,
      int vcpu,
      long gpa,
      long bytes,
      AccessType access,
      boolean isPrivate,
      String text) {}

  MergedStream(
      ImmutableList<Path> files,
      ImportOptions options,
      TraceHeader header,
      TraceImport.LogFacts facts,
      Dropped dropped)
      throws IOException {
    this.dropped = dropped;
    this.header = header;
    this.options = options;
    this.facts = facts;
    try {
      for (int i = 0; i < files.size(); i++) {
        if (files.size() == 1 || facts.timed().get(i)) {
          long shift = i < options.shiftNanos().size() ? options.shiftNanos().get(i) : 0;
          Source source = new Source(files.get(i), shift);
          sources.add(source);
          source.advance();
        }
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  @Override
  public TraceHeader header() {
    return header;
  }

  @Override
  public boolean next(TraceEvent event) throws IOException {
    while (ready.isEmpty()) {
      Source first = null;
      for (Source source : sources) {
        if (!source.ended && (first == null || source.nanos() < first.nanos())) {
          first = source;
        }
      }
      if (first == null) {
        if (sha256 == null) {
          sha256 = HexFormat.of().formatHex(digest.digest());
        }
        return false;
      }
      now = Math.max(now, first.nanos());
      take(first.event);
      first.advance();
    }
    fill(event, ready.remove());
    digest.update(event.toString().getBytes(StandardCharsets.UTF_8));
    digest.update((byte) '\n');
    return true;
  }

  private void fill(TraceEvent event, Out out) {
    long delta = emitted < 0 ? 0 : out.nanos - emitted;
    emitted = out.nanos;
    switch (out.kind) {
      case FIRST, TOUCH ->
          event.setAccess(out.kind, delta, out.vcpu, out.gpa, out.access, out.isPrivate);
      case ACCEPT -> event.setAccept(delta, out.vcpu, out.gpa, out.bytes);
      case CONVERT -> event.setConvert(delta, out.vcpu, out.gpa, out.bytes, out.isPrivate);
      case DISCARD -> event.setDiscard(delta, out.gpa, out.bytes);
      case INITIAL, REARM, MARK -> event.setMark(delta, out.text);
    }
  }

  private void take(LogEvent event) {
    switch (event.kind) {
      case FAULT ->
          access(event.vcpu, event.gpa, event.access, event.isPrivate, facts.sharedBits());
      case CONVERT -> converted(event);
      case CONVERT_REQUEST -> {
        convert(event);
        lastRequest = out(EventKind.CONVERT, event);
      }
      case ATTRIBUTE_FAULT -> {
        if (!facts.kernelFaults()) {
          waitingFault = out(EventKind.FIRST, event);
          releaseFault();
        }
      }
      case UNMAP -> unmap(event.hva, event.bytes);
      case DISCARD -> {
        if (!facts.kernelUnmaps()) {
          unmap(event.hva, event.bytes);
        }
      }
      case MARK -> ready.add(out(EventKind.MARK, event));
      case SLOT, LEAF, LOST -> {
        // Known from the survey.
      }
    }
  }

  /** QEMU says what it did behind what it was asked: that is one conversion. */
  private void converted(LogEvent event) {
    Out request = lastRequest;
    lastRequest = null;
    if (request != null
        && request.gpa == event.gpa
        && request.bytes == event.bytes
        && request.isPrivate == event.isPrivate) {
      return;
    }
    convert(event);
  }

  private void convert(LogEvent event) {
    for (TraceSlot slot : header.slots()) {
      long from = Math.max(slot.gpa(), event.gpa);
      long to = Math.min(slot.end(), event.gpa + event.bytes);
      if (from < to) {
        pages.convert(from >>> 12, to >>> 12, event.isPrivate);
      }
    }
    ready.add(out(EventKind.CONVERT, event));
    releaseFault();
  }

  /** The access of an attribute fault succeeds once its page has the attribute. */
  private void releaseFault() {
    Out fault = waitingFault;
    if (fault != null && pages.isPrivate(fault.gpa >>> 12) == fault.isPrivate) {
      waitingFault = null;
      access(fault.vcpu, fault.gpa, fault.access, fault.isPrivate, true);
    }
  }

  private void access(int vcpu, long gpa, AccessType type, boolean isPrivate, boolean known) {
    if (!isMemory(gpa)) {
      dropped.outside++;
      return;
    }
    long gfn = gpa >>> 12;
    boolean confidential = header.kind() == GuestKind.TD;
    boolean holds = !confidential || pages.isPrivate(gfn);
    boolean attribute = known ? isPrivate : holds;
    if (attribute != holds) {
      if (!options.deriveConversions()) {
        dropped.contradicting++;
        return;
      }
      pages.convert(gfn, gfn + 1, attribute);
      ready.add(new Out(EventKind.CONVERT, now, vcpu, gpa, 4096, type, attribute, ""));
    }
    if (options.deriveAccepts() && confidential && attribute && !pages.isAccepted(gfn)) {
      pages.accept(gfn, gfn + 1);
      ready.add(new Out(EventKind.ACCEPT, now, vcpu, gpa, 4096, type, true, ""));
    }
    boolean first = pages.access(gfn) == GuestPages.Access.FIRST;
    ready.add(
        new Out(
            first ? EventKind.FIRST : EventKind.TOUCH, now, vcpu, gpa, 4096, type, attribute, ""));
  }

  private void unmap(long hva, long bytes) {
    for (ImportOptions.HostRange host : facts.hosts()) {
      long from = Math.max(hva, host.hva());
      long to = Math.min(hva + bytes, host.hva() + host.bytes());
      if (from < to) {
        discard(from - host.hva() + host.gpa(), to - host.hva() + host.gpa());
        return; // the same memory may be known under several slots
      }
    }
    dropped.elsewhere++;
  }

  private void discard(long start, long end) {
    for (TraceSlot slot : header.slots()) {
      long from = Math.max(start, slot.gpa());
      long to = Math.min(end, slot.end());
      if (from < to) {
        pages.discard(from >>> 12, to >>> 12);
        ready.add(new Out(EventKind.DISCARD, now, 0, from, to - from, AccessType.READ, false, ""));
      }
    }
  }

  private boolean isMemory(long gpa) {
    for (TraceSlot slot : header.slots()) {
      if (gpa >= slot.gpa() && gpa < slot.end()) {
        return true;
      }
    }
    return false;
  }

  private Out out(EventKind kind, LogEvent event) {
    return new Out(
        kind, now, event.vcpu, event.gpa, event.bytes, event.access, event.isPrivate, event.text);
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
    for (Source source : sources) {
      source.lines.close();
    }
  }

  private static MessageDigest sha256Digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** One log and its next event. */
  private static final class Source {
    private final LogLines lines;
    private final LineParser parser = new LineParser();
    private final LogEvent event = new LogEvent();
    private final long shift;
    private long lastNanos;
    private boolean ended;

    Source(Path file, long shift) throws IOException {
      this.lines = new LogLines(file);
      this.shift = shift;
    }

    /** Lines without a time have that of the line before. */
    long nanos() {
      return lastNanos;
    }

    void advance() throws IOException {
      while (lines.next()) {
        String text = lines.text();
        if (text != null && parser.parse(text, event) == LineParser.Result.EVENT) {
          if (event.timed) {
            lastNanos = Math.max(0, event.nanos + shift);
          }
          if (event.kind != LogEvent.Kind.LEAF && event.kind != LogEvent.Kind.SLOT) {
            return;
          }
        }
      }
      ended = true;
    }
  }
}
