package dev.broadsheet.lab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.TraceFile;
import dev.broadsheet.lab.trace.TraceScan;
import dev.broadsheet.lab.workload.Workload;
import dev.broadsheet.lab.workload.Workloads;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class WorkloadCommandsTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder = Path.of("");

  private int run(String... args) {
    CommandLine commandLine = Broadsheet.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(args);
  }

  @Test
  void workloads_listsEachInOneLine() {
    assertThat(run("workloads")).isZero();
    assertThat(out.toString().lines()).hasSizeGreaterThan(Workloads.list().size() + 8);
    assertThat(out.toString()).contains("td-boot-1g-1v", "W21", "boot-td-4g", "hostile");
  }

  @Test
  void workloadsWithName_saysAllAboutEach() {
    for (Workload workload : Workloads.list()) {
      assertThat(run("workloads", workload.id())).isZero();
      assertThat(out.toString()).contains(workload.sentence(), workload.basis());
    }
    assertThat(out.toString())
        .contains("fitted     2M mappings at login, without the inhibit bit: 1,144 on average.");
  }

  @Test
  void workloadsWithUnknownName_isWrongUseInOneLine() {
    assertThat(run("workloads", "W99")).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains("Unknown workload 'W99'. Known: W1,", "td-boot-1g-1v");
  }

  @Test
  void generate_writesTheSameBytesTwice_packedOrPlain() throws IOException {
    Path first = folder.resolve("a.gz");
    Path second = folder.resolve("b.gz");
    Path plain = folder.resolve("c.trace");
    assertThat(run("trace", "generate", "W9[seed=3]", "--out", first.toString())).isZero();
    assertThat(run("trace", "generate", "W9[seed=3]", "--out", second.toString())).isZero();
    assertThat(run("trace", "generate", "W9[seed=3]", "--out", plain.toString())).isZero();

    assertThat(first).hasSameBinaryContentAs(second);
    assertThat(Files.readString(plain)).startsWith("# tdp-trace 1\n# name: W9\n");
    assertThat(TraceScan.of(new TraceFile(first)).count(EventKind.CONVERT)).isEqualTo(16);
  }

  @Test
  void generateOfWrongValue_leavesNoFile() {
    Path file = folder.resolve("none.gz");

    assertThat(run("trace", "generate", "W9[pages=9]", "--out", file.toString())).isEqualTo(2);
    assertThat(file).doesNotExist();
    assertThat(err.toString()).contains("allowed: 1 to 4 4K pages");
  }

  @Test
  void import_countsMalformedLines_orRefusesThem() throws IOException {
    Path log = folder.resolve("log");
    Path trace = folder.resolve("t.gz");
    Files.writeString(
        log, "kvm_convert_memory start 0x1000 size 0x1000 private_to_shared\n\u0001nonsense\n");

    assertThat(run("trace", "import", log.toString(), "--out", trace.toString())).isZero();
    assertThat(out.toString())
        .contains("1 malformed lines left out", "log:2: '\\x01nonsense'", "1 conversions");
    assertThat(TraceScan.of(new TraceFile(trace)).count(EventKind.CONVERT)).isEqualTo(1);

    Path refused = folder.resolve("refused.gz");
    assertThat(run("trace", "import", "--strict", log.toString(), "--out", refused.toString()))
        .isEqualTo(2);
    assertThat(refused).doesNotExist();
    assertThat(err.toString()).contains("log:2: found '\\x01nonsense'");
  }
}
