package dev.broadsheet.lab.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.lab.report.ReportModel;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import dev.broadsheet.lab.trace.EventStream;
import dev.broadsheet.lab.trace.Trace;
import dev.broadsheet.lab.trace.TraceFile;
import dev.broadsheet.lab.trace.TraceFormatException;
import dev.broadsheet.lab.trace.TraceReader;
import io.airlift.compress.zstd.ZstdCompressor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Traces made to do harm, given to the whole of a comparison. */
final class HostileTraceTest {
  private static final String HEADER =
      """
      # tdp-trace 1
      # name: hostile
      # kind: td
      # vcpus: 2
      # slot: 0 4000000 rw low-ram
      # slot: ffc00000 400000 ro firmware
      # end-of-header
      """;

  @TempDir private Path folder;

  private static ReportModel compare(Trace trace) throws IOException {
    StrategyRegistry registry = StrategyRegistry.load();
    ImmutableList<ConfiguredStrategy> strategies =
        ImmutableList.of(
            registry.configure("memslot-array"),
            registry.configure("spte-mixed-bit"),
            registry.configure("xarray-lpage-info"));
    return Comparison.prepare(trace, registry, strategies, "", "the command").run(1, Progress.NONE);
  }

  private ReportModel compare(byte[] bytes) throws IOException {
    return compare(new TraceFile(Files.write(folder.resolve("hostile.trace"), bytes)));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Well-formed lines in an order that no guest has: all of it must be answered, and rightly. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 20220627})
  void wildEvents_areAnsweredRightly(long seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < 4; i++) {
      StringBuilder text = new StringBuilder(HEADER);
      for (int line = 0; line < 400; line++) {
        text.append(wildLine(random)).append('\n');
      }

      ReportModel model = compare(ascii(text.toString()));

      assertThat(model.passed()).as("seed %d, trace %d: %s", seed, i, model.verdict()).isTrue();
    }
  }

  /**
   * One event, whatever came before it. Only one thing is kept as a guest keeps it: private memory
   * is accepted before it is touched; a guest that does not is stopped by the TDX module.
   */
  static String wildLine(Random random) {
    long page = random.nextInt(4) == 0 ? random.nextInt(0x4000) : random.nextInt(0x600);
    long pages = random.nextInt(3) == 0 ? 0x200L << random.nextInt(3) : 1 + random.nextInt(0x40);
    String attribute = random.nextBoolean() ? "private" : "shared";
    int vcpu = random.nextInt(2);
    return switch (random.nextInt(9)) {
      case 0 -> "C 1 %d %x %x %s".formatted(vcpu, page << 12, pages << 12, attribute);
      case 1 -> "C 1 %d %x %x %s".formatted(vcpu, page >>> 9 << 21, 0x200000, attribute);
      case 2 ->
          "C 1 %d %x %x %s"
              .formatted(vcpu, random.nextLong(1L << 39) << 12, pages << 12, attribute);
      case 3 -> "D 1 %x %x".formatted(page << 12, Math.min(pages, 0x4000 - page) << 12);
      case 4 -> "A 1 %d %x 1000".formatted(vcpu, page << 12);
      case 5 -> "A 1 %d %x 200000".formatted(vcpu, page >>> 9 << 21);
      case 6 -> "E 1";
      case 7 -> "M 1 </script><script>";
      default -> {
        String access =
            "%s 1 %d %x %s %s"
                .formatted(
                    random.nextBoolean() ? "F" : "T",
                    vcpu,
                    page << 12,
                    "rwxt".charAt(random.nextInt(4)),
                    attribute.charAt(0));
        yield attribute.equals("private")
            ? "A 1 %d %x 1000\n%s".formatted(vcpu, page << 12, access)
            : access;
      }
    };
  }

  /** Bytes of a real shape with damage in them: read, or refused in one line. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void damagedTrace_isComparedOrRefusedInOneLine(long seed) throws IOException {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder(HEADER);
    for (int line = 0; line < 60; line++) {
      text.append(wildLine(random)).append('\n');
    }
    byte[] whole = ascii(text.toString());
    for (int i = 0; i < 30; i++) {
      byte[] damaged = whole.clone();
      int at = random.nextInt(damaged.length);
      switch (random.nextInt(3)) {
        case 0 -> damaged[at] = (byte) "0123456789abcdef \n".charAt(random.nextInt(18));
        case 1 -> damaged = Arrays.copyOf(damaged, Math.max(1, at));
        default -> damaged[at] = (byte) random.nextInt(256);
      }
      try {
        ReportModel model = compare(damaged);
        for (StrategyResult result : model.strategies()) {
          assertThat(result.check().differences()).as("seed %d, trace %d", seed, i).isZero();
        }
      } catch (TraceFormatException | IllegalArgumentException refused) {
        assertThat(refused.getMessage()).isNotBlank().doesNotContain("\n");
      }
    }
  }

  @Test
  void memoryWithoutEnd_isRefused() {
    byte[] trace =
        ascii(
            """
            # tdp-trace 1
            # name: hostile
            # kind: td
            # vcpus: 1
            # slot: 0 8000000000000 rw all
            # end-of-header
            E 1
            """);
    assertThatThrownBy(() -> compare(trace))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void lineOfTenGigabytes_isRefused_alsoPacked() throws IOException {
    byte[] chunk = new byte[1 << 20];
    Arrays.fill(chunk, (byte) '7');
    ByteArrayOutputStream gzipMember = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(gzipMember)) {
      out.write(chunk);
    }
    for (byte[] piece : List.of(chunk, gzipMember.toByteArray(), zstd(chunk))) {
      Repeated source = new Repeated(piece, (10L << 30) / chunk.length);
      Trace trace = opened(source);
      assertThatThrownBy(() -> compare(trace)).hasMessageContaining("a line of more than 65536");
      assertThat(source.given).isLessThan(4L << 20);
    }
  }

  @Test
  void bombOfEvents_isCountedInBoundedMemory() throws IOException {
    String many = "E 1\n".repeat(1 << 18);
    for (byte[] packed : List.of(gzip(HEADER, many), zstdFrames(HEADER, many))) {
      assertThat(packed.length).isLessThan(1 << 16);
      assertThat(compare(packed).trace().events()).isEqualTo(1 << 18);
    }
  }

  /** A window or a content size that no machine has: the header alone asks for it. */
  @Test
  void zstdThatAsksForMemoryWithoutEnd_isRefused() {
    byte[] window = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0x00, (byte) 0xf8, 1, 0, 0};
    byte[] content = new byte[32];
    byte[] start = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, (byte) 0xe0};
    System.arraycopy(start, 0, content, 0, start.length);
    Arrays.fill(content, start.length, start.length + 7, (byte) 0xff);
    content[start.length + 7] = 0x0f;
    for (byte[] trace : List.of(window, content)) {
      assertThatThrownBy(() -> compare(trace))
          .isInstanceOf(TraceFormatException.class)
          .message()
          .doesNotContain("\n");
    }
  }

  @Test
  void headerWithoutEnd_isRefusedInBoundedMemory() {
    String line = "# %d: " + "x".repeat(60_000) + "\n";
    StringBuilder text = new StringBuilder("# tdp-trace 1\n");
    for (int i = 0; i < 40; i++) {
      text.append(line.formatted(i));
    }
    assertThatThrownBy(() -> compare(ascii(text.toString())))
        .hasMessageContaining("a header of more than");
  }

  private static Trace opened(InputStream in) {
    return new Trace() {
      @Override
      public String title() {
        return "stream";
      }

      @Override
      public EventStream open() throws IOException {
        return TraceReader.open("stream", in);
      }
    };
  }

  private static byte[] gzip(String... parts) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      for (String part : parts) {
        out.write(ascii(part));
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] zstd(byte[] plain) {
    ZstdCompressor compressor = new ZstdCompressor();
    byte[] packed = new byte[compressor.maxCompressedLength(plain.length)];
    return Arrays.copyOf(
        packed, compressor.compress(plain, 0, plain.length, packed, 0, packed.length));
  }

  private static byte[] zstdFrames(String... parts) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String part : parts) {
      bytes.write(zstd(ascii(part)));
    }
    return bytes.toByteArray();
  }

  /** The same bytes again and again; counts what was taken. */
  private static final class Repeated extends InputStream {
    private final byte[] piece;
    private final long times;
    private long given;

    Repeated(byte[] piece, long times) {
      this.piece = piece;
      this.times = times;
    }

    @Override
    public int read() {
      return given >= piece.length * times ? -1 : piece[(int) (given++ % piece.length)] & 0xff;
    }

    @Override
    public int read(byte[] to, int from, int most) {
      if (given >= piece.length * times) {
        return -1;
      }
      int at = (int) (given % piece.length);
      int count = Math.min(most, piece.length - at);
      System.arraycopy(piece, at, to, from, count);
      given += count;
      return count;
    }
  }
}
