package dev.broadsheet.lab.trace.importer;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.trace.EventStream;
import dev.broadsheet.lab.trace.GuestKind;
import dev.broadsheet.lab.trace.Trace;
import dev.broadsheet.lab.trace.TraceEvent;
import dev.broadsheet.lab.trace.TraceFile;
import dev.broadsheet.lab.trace.TraceFormatException;
import dev.broadsheet.lab.trace.TraceScan;
import dev.broadsheet.lab.trace.TraceWriter;
import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TraceImportTest {
  private static final ImportOptions PLAIN = ImportOptions.defaults("test");

  @TempDir private Path folder = Path.of("");

  private Path sample(String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in = TraceImportTest.class.getResourceAsStream(name)) {
      Files.write(file, requireNonNull(in, name).readAllBytes());
    }
    return file;
  }

  private Path log(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
  }

  private static List<String> events(Trace trace) throws IOException {
    List<String> lines = new ArrayList<>();
    try (EventStream stream = trace.open()) {
      TraceEvent event = new TraceEvent();
      while (stream.next(event)) {
        lines.add(event.toString());
      }
    }
    return lines;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kvm-tdp-mmu-trace_pipe.txt",
        "kvm-trace-cmd-report.sample.txt",
        "kvm-trace-pipe.sample.txt",
        "kvm-trace-pipe-private-shared.sample.txt",
        "published-kvm-private-memory.sample.txt",
        "published-qemu-convert-memory.sample.txt",
        "qemu-log-backend.sample.txt",
        "qemu-log-backend-timestamps.sample.txt"
      })
  void sample_isImportedStrictly_andTheTraceIsReadBack(String name) throws IOException {
    ImportOptions strict =
        new ImportOptions("s", true, 0, ImmutableList.of(), ImmutableList.of(), false, false);
    TraceImport trace = TraceImport.of(List.of(sample(name)), strict);
    Path out = folder.resolve("out.gz");
    try (OutputStream stream = Files.newOutputStream(out)) {
      TraceWriter.copy(trace, stream, true);
    }

    assertThat(trace.report().malformed()).isZero();
    assertThat(events(new TraceFile(out))).isEqualTo(events(trace));
    assertThat(TraceScan.of(new TraceFile(out)).header().slots()).isNotEmpty();
  }

  @Test
  void pageFaults_ofBothLayouts_becomeAccesses() throws IOException {
    assertThat(
            events(
                TraceImport.of(List.of(sample("published-kvm-private-memory.sample.txt")), PLAIN)))
        .containsExactly("F 0 0 84d000 r p");
    assertThat(events(TraceImport.of(List.of(sample("kvm-trace-cmd-report.sample.txt")), PLAIN)))
        .startsWith("F 0 0 fffff000 x p", "F 6547000 0 fe000 x p", "F 155000 0 f6000 r p");
  }

  @Test
  void report_andTrace_ofTheSameKind_giveTheSameAccesses() throws IOException {
    List<String> padded =
        events(TraceImport.of(List.of(sample("kvm-trace-cmd-report.sample.txt")), PLAIN));
    List<String> bare = events(TraceImport.of(List.of(sample("kvm-trace-pipe.sample.txt")), PLAIN));

    assertThat(bare.subList(0, 5).stream().map(line -> line.replaceFirst(" [0-9]+", "")))
        .isEqualTo(
            padded.subList(0, 5).stream().map(line -> line.replaceFirst(" [0-9]+", "")).toList());
  }

  @Test
  void markedConversions_giveTheAttributeOfLaterFaults() throws IOException {
    TraceImport trace =
        TraceImport.of(
            List.of(
                log(
                    "t",
                    " a-1 [000] ..... 1.000000: kvm_page_fault: vcpu 0 rip 0x0 address"
                        + " 0x0000000000005000 error_code 0x100000006",
                    " a-1 [000] ..... 1.000001: tracing_mark_write: convert 5000 1000 shared line 1",
                    " a-1 [000] ..... 1.000002: kvm_page_fault: vcpu 0 rip 0x0 address"
                        + " 0x0000000000005000 error_code 0x300000004",
                    " a-1 [000] ..... 1.000003: tracing_mark_write: phase <two>")),
            PLAIN);

    assertThat(events(trace))
        .containsExactly(
            "F 0 0 5000 w p",
            "C 1000 0 5000 1000 shared",
            "F 1000 0 5000 t s",
            "M 1000 phase <two>");
  }

  @Test
  void sharedBit_isTakenOffAndSaysTheAttribute() throws IOException {
    Path log =
        log(
            "t",
            " CPU 1/KVM-9 [003] 7.000000: kvm_page_fault: vcpu 1 rip 0x0 address"
                + " 0x0008000000007000 error_code 0x182");
    ImportOptions derive =
        new ImportOptions("s", true, 0, ImmutableList.of(), ImmutableList.of(), true, true);
    TraceImport plain = TraceImport.of(List.of(log), PLAIN);

    assertThat(events(plain)).isEmpty();
    assertThat(plain.dropped().contradicting()).isEqualTo(1);
    assertThat(events(TraceImport.of(List.of(log), derive)))
        .containsExactly("C 0 1 7000 1000 shared", "F 0 1 7000 w s");
  }

  @Test
  void qemuAndKernelLogs_areMergedByTime() throws IOException {
    Path kernel =
        log(
            "k",
            "cpus=2",
            " CPU 0/KVM-7 [001] 100.000001: kvm_page_fault:       vcpu 0 rip 0x0 address"
                + " 0x0000000000008000 error_code 0x2",
            " CPU 0/KVM-7 [001] 100.000009: kvm_page_fault:       vcpu 0 rip 0x0 address"
                + " 0x0008000000008000 error_code 0x181",
            " q-5 [001] 100.000011: kvm_unmap_hva_range:  mmu notifier unmap range:"
                + " 0x007f0000008000 -- 0x007f0000009000");
    Path qemu =
        log(
            "q",
            "7@99.000001:kvm_set_user_memory AddrSpace#0 Slot#0 flags=0x4 gpa=0x0 size=0x100000"
                + " ua=0x7f0000000000 guest_memfd=3 guest_memfd_offset=0x0 ret=0",
            "7@99.000005:kvm_hc_map_gpa_range gpa 0x8000 size 0x1000 attributes 0x0 flags 0x0",
            "7@99.000006:kvm_convert_memory start 0x8000 size 0x1000 private_to_shared");
    ImportOptions shifted =
        new ImportOptions(
            "s", true, 0, ImmutableList.of(), ImmutableList.of(0L, 1_000_000_000L), false, false);
    TraceImport trace = TraceImport.of(List.of(kernel, qemu), shifted);

    assertThat(events(trace))
        .containsExactly(
            "F 0 0 8000 w p", "C 4000 0 8000 1000 shared", "F 4000 0 8000 r s", "D 2000 8000 1000");
    try (EventStream stream = trace.open()) {
      assertThat(stream.header().kind()).isEqualTo(GuestKind.TD);
    }
  }

  @Test
  void attributeFault_ofQemuAlone_followsItsConversion() throws IOException {
    Path log =
        log(
            "q",
            "2026-03-01T12:00:00.000001Z kvm_memory_fault start 0x4000000 size 0x1000 flags 0x0",
            "2026-03-01T12:00:00.000003Z kvm_convert_memory start 0x4000000 size 0x1000"
                + " private_to_shared");

    assertThat(events(TraceImport.of(List.of(log), PLAIN)))
        .containsExactly("C 0 0 4000000 1000 shared", "F 0 0 4000000 r s");
  }

  @Test
  void malformedLines_areCountedAndNamed_orRefused() throws IOException {
    Path log =
        log(
            "bad",
            "kvm_convert_memory start 0x1000 size 0x1000 private_to_shared",
            "kvm_convert_memory start 0x1001 size 0x1000 private_to_shared",
            "x".repeat(100_000),
            " a-1 [000] 1.0: kvm_page_fault: vcpu zero");
    TraceImport trace = TraceImport.of(List.of(log), PLAIN);

    assertThat(trace.report().malformed()).isEqualTo(3);
    assertThat(trace.report().problems())
        .extracting(ImportReport.Problem::line)
        .containsExactly(2L, 3L, 4L);
    assertThat(events(trace)).containsExactly("C 0 0 1000 1000 shared");
    ImportOptions strict =
        new ImportOptions("s", true, 0, ImmutableList.of(), ImmutableList.of(), false, false);
    assertThatThrownBy(() -> TraceImport.of(List.of(log), strict))
        .isInstanceOf(TraceFormatException.class)
        .hasMessageContaining("bad:2: found 'kvm_convert_memory start 0x1001");
  }

  @Test
  void logWithoutGuest_isRefused() throws IOException {
    Path log = log("empty", "kvm_run_exit cpu_index 0, reason 2");

    assertThatThrownBy(() -> TraceImport.of(List.of(log), PLAIN))
        .isInstanceOf(TraceFormatException.class)
        .hasMessageContaining("nothing about a guest's memory");
  }

  @Test
  void packedLogs_areReadByContent() throws IOException {
    Path log = sample("kvm-trace-pipe-private-shared.sample.txt");
    byte[] text = Files.readAllBytes(log);
    Path gzip = folder.resolve("gzip");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzip))) {
      out.write(text);
    }
    Path zstd = folder.resolve("zstd");
    try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(zstd))) {
      out.write(text);
    }
    List<String> expected = events(TraceImport.of(List.of(log), PLAIN));

    assertThat(expected).isNotEmpty();
    assertThat(events(TraceImport.of(List.of(gzip), PLAIN))).isEqualTo(expected);
    assertThat(events(TraceImport.of(List.of(zstd), PLAIN))).isEqualTo(expected);
  }

  @Test
  void damagedZstd_isRefusedInOneLine() throws IOException {
    byte[] text =
        "kvm_convert_memory start 0x1000 size 0x1000 private_to_shared\n"
            .repeat(9000)
            .getBytes(StandardCharsets.US_ASCII);
    Path whole = folder.resolve("whole");
    try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(whole))) {
      out.write(text);
    }
    byte[] packed = Files.readAllBytes(whole);
    Random random = new Random(5);
    int refused = 0;
    for (int i = 0; i < 200; i++) {
      byte[] damaged = packed.clone();
      damaged[4 + random.nextInt(damaged.length - 4)] ^= (byte) (1 + random.nextInt(255));
      Path file = Files.write(folder.resolve("damaged"), damaged);
      try {
        TraceImport.of(List.of(file), PLAIN);
      } catch (TraceFormatException e) {
        refused++;
        assertThat(e.getMessage()).doesNotContain("\n");
      }
    }
    assertThat(refused).isGreaterThan(100);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kvm-trace-pipe-private-shared.sample.txt",
        "published-kvm-private-memory.sample.txt",
        "qemu-log-backend-timestamps.sample.txt",
        "published-qemu-convert-memory.sample.txt"
      })
  void mutatedLines_areReadOrCounted(String name) throws IOException {
    String text = Files.readString(sample(name), StandardCharsets.ISO_8859_1);
    String[] lines = text.split("\n", -1);
    Random random = new Random(name.hashCode());
    LineParser parser = new LineParser();
    LogEvent event = new LogEvent();
    for (int i = 0; i < 20_000; i++) {
      StringBuilder line = new StringBuilder(lines[random.nextInt(lines.length)]);
      for (int n = random.nextInt(4); n >= 0 && line.length() > 0; n--) {
        int at = random.nextInt(line.length());
        switch (random.nextInt(3)) {
          case 0 -> line.setCharAt(at, (char) random.nextInt(256));
          case 1 -> line.deleteCharAt(at);
          default -> line.insert(at, "0123456789abcdefx[]:@. ".charAt(random.nextInt(23)));
        }
      }
      if (parser.parse(line.toString(), event) == LineParser.Result.EVENT
          && event.kind != LogEvent.Kind.UNMAP
          && event.kind != LogEvent.Kind.DISCARD) {
        assertThat(event.gpa).as(line.toString()).isBetween(0L, 1L << 52);
        assertThat(event.gpa + event.bytes).as(line.toString()).isBetween(0L, 1L << 52);
        assertThat(event.vcpu).isBetween(0, LineParser.MOST_VCPUS);
        assertThat(event.nanos).isNotNegative();
      }
    }
  }

  @Test
  void mutatedFiles_areImportedOrRefusedInOneLine() throws IOException {
    String[] names = {"kvm-trace-pipe.sample.txt", "qemu-log-backend-timestamps.sample.txt"};
    Random random = new Random(77);
    for (String name : names) {
      byte[] whole = Files.readAllBytes(sample(name));
      for (int i = 0; i < 150; i++) {
        byte[] mutated = whole.clone();
        for (int n = 0; n < 30; n++) {
          mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
        }
        Path file = Files.write(folder.resolve("mutated"), mutated);
        try {
          TraceImport trace = TraceImport.of(List.of(file), PLAIN);
          try (OutputStream out = Files.newOutputStream(folder.resolve("fuzz.gz"))) {
            TraceWriter.copy(trace, out, true);
          }
          TraceScan.of(new TraceFile(folder.resolve("fuzz.gz")));
        } catch (TraceFormatException refused) {
          assertThat(refused.getMessage()).doesNotContain("\n");
        }
      }
    }
  }

  @Test
  void namesInTheReport_areBounded() throws IOException {
    String[] lines = new String[1000];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = "some_event_" + i + " x";
    }
    lines[0] = "kvm_convert_memory start 0x1000 size 0x1000 private_to_shared";
    Map<String, Long> unused = TraceImport.of(List.of(log("n", lines)), PLAIN).report().unused();

    assertThat(unused).hasSizeLessThan(70).containsKey("(others)");
  }
}
