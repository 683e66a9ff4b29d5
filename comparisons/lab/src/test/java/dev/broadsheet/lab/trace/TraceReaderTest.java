package dev.broadsheet.lab.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TraceReaderTest {
  private static final String HEADER =
      """
      # tdp-trace 1
      # name: small
      # kind: td
      # vcpus: 2
      # slot: 0 c0000 rw ram
      # slot: c0000 40000 ro pc.rom
      # slot: 100000 3ff00000 rw ram
      # slot: ffc00000 400000 ro pc.bios
      # end-of-header
      """;

  private static List<String> read(byte[] bytes) throws IOException {
    List<String> events = new ArrayList<>();
    try (TraceReader reader = TraceReader.open("t", new ByteArrayInputStream(bytes))) {
      TraceEvent event = new TraceEvent();
      while (reader.next(event)) {
        events.add(event.toString());
      }
    }
    return events;
  }

  private static List<String> read(String text) throws IOException {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  @Test
  void everyKindOfLine_read_givesTheSameLine() throws IOException {
    List<String> lines =
        List.of(
            "I 0 ffc84000 37c000",
            "F 55 1 80b000 w p",
            "T 7 0 c0000 t s",
            "A 3 0 200000 200000",
            "A 3 1 201000 1000",
            "C 9 1 fffffffff000 1000 shared",
            "C 9 1 0 40000000 private",
            "D 1 100000 3000",
            "E 12",
            "M 5 scn-begin boot");

    assertThat(read(HEADER + String.join("\n", lines) + "\n")).isEqualTo(lines);
  }

  @Test
  void gzip_isRecognizedByContent() throws IOException {
    byte[] packed = gzip((HEADER + "E 1\n").getBytes(StandardCharsets.UTF_8));

    assertThat(read(packed)).containsExactly("E 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "X 1",
        "F 0 0 1000 w",
        "F 0 0 1000 q p",
        "F 0 0 1000 w z",
        "F 0 0 1000 w p ",
        "F 0 0 1001 w p",
        "F 0 2 1000 w p",
        "F 0 0 40000000 w p",
        "F 0 0 0x1000 w p",
        "F 0 0 1000  w p",
        "F -1 0 1000 w p",
        "F 99999999999999999999999 0 1000 w p",
        "F 0 0 ffffffffffffffffffff000 w p",
        "A 0 0 1000 2000",
        "A 0 0 1000 200000",
        "A 0 0 40000000 1000",
        "C 0 0 0 0 shared",
        "C 0 0 1000 1000 mixed",
        "C 0 0 fffffffffe000 3000 shared",
        "D 0 3ffff000 2000",
        "I 0 0",
        "E",
        "E 1 2",
        "M 1",
        "M 1 ",
        "# late: header"
      })
  void malformedLine_isRefusedWithItsNumber(String line) {
    assertThatThrownBy(() -> read(HEADER + "E 1\n" + line + "\n"))
        .isInstanceOf(TraceFormatException.class)
        .hasMessageStartingWith("t:11: found ")
        .hasMessageContaining("; expected ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "# tdp-trace 1|# tdp-trace 2|this release reads format 1 only",
        "# tdp-trace 1|hello|expected '# tdp-trace 1'",
        "# end-of-header|# nothing|expected '# end-of-header'",
        "# kind: td|# kind: xen|expected td or vm",
        "# vcpus: 2|# vcpus: many|expected 1 to 4096",
        "# vcpus: 2|# vcpus: 0|expected 1 to 4096",
        "# name: small|# other: small|no '# name:' line",
        "# slot: 100000 3ff00000|# slot: c0000 3ff00000|does not overlap",
        "# slot: 0 c0000 rw ram|# slot: 0 c0001 rw ram|whole 4 KiB pages",
        "# slot: 0 c0000 rw ram|# slot: 0 rw ram|slot: GPA SIZE",
        "# name: small|# counts: F=x|counts",
      })
  void malformedHeader_isRefused(String old, String wrong, String message) {
    assertThatThrownBy(() -> read(HEADER.replace(old, wrong)))
        .isInstanceOf(TraceFormatException.class)
        .hasMessageContaining(message);
  }

  @Test
  void declaredCounts_thatDoNotAgree_areRefused() throws IOException {
    String header = HEADER.replace("# end", "# counts: E=2\n# end");

    assertThat(read(header + "E 1\nE 1\n")).hasSize(2);
    assertThatThrownBy(() -> read(header + "E 1\n")).hasMessageContaining("1 E lines");
  }

  @Test
  void lastLineWithoutNewline_isRefused() {
    assertThatThrownBy(() -> read(HEADER + "F 0 0 1000 w p"))
        .isInstanceOf(TraceFormatException.class)
        .hasMessageContaining("without a newline");
  }

  @Test
  void cutGzip_isRefusedAtEveryLength() throws IOException {
    byte[] packed = gzip((HEADER + "E 1\n".repeat(2000)).getBytes(StandardCharsets.UTF_8));
    for (int length = 0; length < packed.length; length++) {
      byte[] cut = Arrays.copyOf(packed, length);
      assertThatThrownBy(() -> read(cut)).isInstanceOf(TraceFormatException.class);
    }
  }

  @Test
  void endlessLine_isRefusedInBoundedMemory() {
    InputStream endless =
        new InputStream() {
          private long given;

          @Override
          public int read() {
            given++;
            return '7';
          }

          @Override
          public int read(byte[] into, int from, int length) {
            given += length;
            assertThat(given).isLessThan(10_000_000);
            Arrays.fill(into, from, from + length, (byte) '7');
            return length;
          }
        };

    assertThatThrownBy(() -> TraceReader.open("t", endless))
        .isInstanceOf(TraceFormatException.class)
        .hasMessageContaining("a line of more than 65536 bytes");
  }

  @Test
  void gzipBomb_isRefusedInBoundedMemory() throws IOException {
    byte[] bomb = gzip(new byte[64 << 20]);

    assertThat(bomb.length).isLessThan(1 << 20);
    assertThatThrownBy(() -> read(bomb)).hasMessageContaining("a line of more than");
  }

  @Test
  void longestLine_isRead_andOneByteMoreIsNot() throws IOException {
    String longest = "M 1 " + "x".repeat(LineReader.LONGEST_LINE - 4);

    assertThat(read(HEADER + longest + "\n")).containsExactly(longest);
    assertThatThrownBy(() -> read(HEADER + longest + "x\n")).hasMessageContaining("a line of more");
  }

  @Test
  void controlCharacters_areNotEchoed() {
    assertThatThrownBy(() -> read(HEADER + "\u001b[2J\n"))
        .hasMessageContaining("'\\x1b[2J'")
        .message()
        .doesNotContain("\u001b");
  }

  @Test
  void bundledTraces_areWhole_andSayTheirName() throws IOException {
    for (String name : BundledTraces.all().keySet()) {
      TraceScan scan = TraceScan.of(BundledTraces.find(name));
      assertThat(scan.header().name()).isEqualTo(name);
      assertThat(scan.header().counts()).isNotEmpty();
    }
  }

  @Test
  void bootTrace_scan_findsWhatItsReadmeSays() throws IOException {
    TraceScan scan = TraceScan.of(BundledTraces.find(BundledTraces.DEFAULT));

    assertThat(scan.events()).isEqualTo(58_572);
    assertThat(scan.count(EventKind.FIRST)).isEqualTo(53_445);
    assertThat(scan.count(EventKind.CONVERT)).isEqualTo(2_325);
    assertThat(scan.conversions().outside()).isEqualTo(519);
    assertThat(scan.conversions().everMixedRegions()).isEqualTo(4);
  }
}
