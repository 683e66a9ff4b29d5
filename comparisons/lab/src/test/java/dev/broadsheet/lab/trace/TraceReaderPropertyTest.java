package dev.broadsheet.lab.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.google.common.collect.ImmutableMap;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever bytes come, the reader answers with events or with one clear line. */
final class TraceReaderPropertyTest {
  private static final int MUTATIONS = 3_000;

  private static byte[] beginningOfBootTrace() throws IOException {
    try (InputStream in =
        new GZIPInputStream(
            BundledTraces.class.getResourceAsStream(BundledTraces.DEFAULT + ".trace.gz"))) {
      byte[] text = in.readNBytes(12_000);
      int end = text.length;
      while (text[end - 1] != '\n') {
        end--;
      }
      return Arrays.copyOf(text, end);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 20221114})
  void mutatedTrace_isReadOrRefusedInOneLine(long seed) throws IOException {
    byte[] whole = beginningOfBootTrace();
    Random random = new Random(seed);
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] mutated = mutate(whole, random);
      try (TraceReader reader = TraceReader.open("fuzz", new ByteArrayInputStream(mutated))) {
        TraceEvent event = new TraceEvent();
        while (reader.next(event)) {
          assertThat(event.end()).isLessThanOrEqualTo(1L << 52);
        }
      } catch (TraceFormatException refused) {
        assertThat(refused.getMessage())
            .startsWith("fuzz:")
            .doesNotContain("\n")
            .hasSizeLessThan(600);
      } catch (RuntimeException unexpected) {
        fail("seed " + seed + ", mutation " + i, unexpected);
      }
    }
  }

  private static byte[] mutate(byte[] whole, Random random) {
    byte[] mutated = whole.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(mutated.length);
      switch (random.nextInt(5)) {
        case 0 -> mutated[at] = (byte) random.nextInt(256);
        case 1 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> mutated = Arrays.copyOf(mutated, Math.max(1, at));
        case 3 -> {
          int length = Math.min(random.nextInt(200), mutated.length - at);
          System.arraycopy(mutated, random.nextInt(at + 1), mutated, at, length);
        }
        default -> mutated[at] = (byte) " \n0fFx#-".charAt(random.nextInt(8));
      }
    }
    return mutated;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void writtenTrace_read_givesTheSameEvents(long seed) throws IOException {
    Random random = new Random(seed);
    TraceHeader header;
    try (EventStream boot = BundledTraces.find(BundledTraces.DEFAULT).open()) {
      header =
          new TraceHeader(
              "random",
              GuestKind.TD,
              4,
              boot.header().slots(),
              ImmutableMap.of(),
              ImmutableMap.of("seed", Long.toString(seed)));
    }
    List<String> written = new ArrayList<>();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TraceWriter writer = new TraceWriter(bytes, header)) {
      TraceEvent event = new TraceEvent();
      for (int i = 0; i < 2_000; i++) {
        randomEvent(random, event);
        writer.write(event);
        written.add(event.toString());
      }
    }
    List<String> read = new ArrayList<>();
    try (TraceReader reader =
        TraceReader.open("t", new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(reader.header()).isEqualTo(header);
      TraceEvent event = new TraceEvent();
      while (reader.next(event)) {
        read.add(event.toString());
      }
    }
    assertThat(read).isEqualTo(written);
  }

  private static void randomEvent(Random random, TraceEvent event) {
    long delta = random.nextInt(1_000_000);
    long page = (0x100L + random.nextInt(0x3fc00)) << 12;
    int vcpu = random.nextInt(4);
    switch (random.nextInt(8)) {
      case 0 -> event.setInitial(delta, page, 0x3000);
      case 1, 2 ->
          event.setAccess(
              random.nextBoolean() ? EventKind.FIRST : EventKind.TOUCH,
              delta,
              vcpu,
              page,
              List.of(AccessType.values()).get(random.nextInt(4)),
              random.nextBoolean());
      case 3 -> event.setAccept(delta, vcpu, page & -0x200000L, 0x200000);
      case 4 ->
          event.setConvert(delta, vcpu, page << random.nextInt(8), 0x7000, random.nextBoolean());
      case 5 -> event.setDiscard(delta, page, 0x2000);
      case 6 -> event.setRearm(delta);
      default -> event.setMark(delta, "mark " + random.nextInt());
    }
  }
}
