package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableMap;
import dev.broadsheet.lab.trace.EventStream;
import dev.broadsheet.lab.trace.GuestKind;
import dev.broadsheet.lab.trace.Trace;
import dev.broadsheet.lab.trace.TraceEvent;
import dev.broadsheet.lab.trace.TraceHeader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A workload with all its values, as a trace. The hash is that of the event lines, each with its
 * newline, as {@code trace generate} writes them behind the header.
 */
final class GeneratedTrace implements Trace {
  private final Pattern pattern;
  private final Values values;
  private final GuestShape shape;
  private final long seed;
  private final String title;

  GeneratedTrace(Pattern pattern, Values values, long seed) {
    this.pattern = pattern;
    this.values = values;
    this.seed = seed;
    this.shape = pattern.shape(values);
    this.title =
        "%s[%s%sseed=%d]"
            .formatted(
                pattern.description().id(),
                String.join(",", values.texts()),
                values.texts().isEmpty() ? "" : ",",
                seed);
    pattern.check(values, shape);
  }

  @Override
  public String title() {
    return title;
  }

  @Override
  public EventStream open() {
    return new Stream();
  }

  private TraceHeader describe() {
    Description description = pattern.description();
    return new TraceHeader(
        description.id(),
        GuestKind.TD,
        shape.vcpus(),
        shape.slots(),
        ImmutableMap.of(),
        ImmutableMap.of(
            "guest-memory-mib",
            Long.toString(shape.ramBytes() >> 20),
            "shared-bit",
            "51",
            "scenario",
            description.sentence(),
            "clock",
            "nominal nanoseconds, for order and rough density",
            "generated",
            title));
  }

  private final class Stream implements EventStream {
    private final TraceHeader header = describe();
    private final EventQueue queue = new EventQueue();
    private final Stage stage = new Stage();
    private final MessageDigest digest = sha256Digest();
    private @Nullable String sha256;

    Stream() {
      pattern.plan(values, new Guest(shape, seed, queue), stage);
    }

    @Override
    public TraceHeader header() {
      return header;
    }

    @Override
    public boolean next(TraceEvent event) {
      while (queue.isEmpty()) {
        if (!stage.step()) {
          if (sha256 == null) {
            sha256 = HexFormat.of().formatHex(digest.digest());
          }
          return false;
        }
      }
      queue.take(event);
      digest.update(event.toString().getBytes(StandardCharsets.UTF_8));
      digest.update((byte) '\n');
      return true;
    }

    @Override
    public String sha256() {
      if (sha256 == null) {
        throw new IllegalStateException("the hash is known when the last event was read");
      }
      return sha256;
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }

  private static MessageDigest sha256Digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
