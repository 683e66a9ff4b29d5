package dev.broadsheet.lab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class CommandLineTest {
  @TempDir private Path folder;

  private record Ran(int status, String out, String err) {}

  private static Ran run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine =
        Broadsheet.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int status = commandLine.execute(args);
    return new Ran(status, out.toString(), err.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "compare --trace /no/such|neither a file nor a bundled trace",
        "compare --strategies nothing-like-it|Known: ",
        "compare --strategies A,memslot-array|named twice",
        "compare --strategies memslot-array[a=b]|Unknown option 'a'",
        "compare --vm shape=round|unknown knob 'shape'",
        "compare --vm kind=round|it takes tdx|",
        "compare --format pdf|Known: html, md, csv, json",
        "compare --workload W99|Unknown workload",
        "compare --workload W6 --trace x|neither a file nor a bundled trace",
        "compare --workload W6 --workload W6|is given twice",
        "compare --plugins /no/such|No folder",
        "comapre|did you mean",
        "compare --quite|--quiet",
        "trace|info, cut, generate or import",
        "trace info /no/such|neither a file",
        "trace cut td-boot-1g-1v /no/such/file|its folder does not exist",
        "metrics no.such|Known: memory.tracker.steady",
        "strategies nothing|Known: ",
        "workloads nothing|Unknown workload",
        "ask weather|Known: survival, split-time",
        "ask survival[days=0]|allowed: 1 to 10000 days",
      })
  void wrongUse_isOneLineWithStatus2(String line, String message) {
    Ran ran = run(line.split(" "));

    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err()).startsWith("broadsheet: ").contains(message);
    assertThat(ran.err().strip()).doesNotContain("\n").doesNotContain("\tat ");
  }

  @Test
  void debug_addsTheStackTrace() {
    assertThat(run("trace", "info", "/no/such", "--debug").err()).contains("\tat ");
  }

  @Test
  void outputThatCannotBeWritten_isOneLineWithStatus2() {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    try {
      System.setOut(new PrintStream(full, false, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
      assertThat(Broadsheet.run("metrics")).isEqualTo(2);
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    assertThat(said.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("broadsheet: standard output cannot be written (closed, or a full disk).");
  }

  @Test
  void controlCharactersOfAFile_areNotPrinted() throws IOException {
    Path script = Files.writeString(folder.resolve("binary"), "a\u001b[2J\u0007\n");

    Ran ran = run("tdx", "run", script.toString());

    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err()).contains("a?[2J?").doesNotContain("\u001b");
  }

  @Test
  void emptyListOfStrategies_isRefused() {
    Ran ran = run("compare", "--strategies", "");

    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err()).contains("name one or more");
  }

  @Test
  void outputBelowAFile_isRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("report"), "mine");

    Ran ran = run("compare", "--out", file.resolve("below").toString());

    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err()).contains("report, which is a file");
  }

  @Test
  void outputThatIsAFile_isRefused_andKept() throws IOException {
    Path file = Files.writeString(folder.resolve("report"), "mine");

    Ran ran = run("compare", "--out", file.toString());

    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err()).contains("is a file, but the report is a folder");
    assertThat(file).hasContent("mine");
  }

  @Test
  void malformedTrace_leavesNoReport() throws IOException {
    Path trace = Files.writeString(folder.resolve("bad.trace"), "# tdp-trace 1\nhello\n");

    Ran ran =
        run("compare", "--trace", trace.toString(), "--out", folder.resolve("out").toString());

    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err()).contains("bad.trace:2: found 'hello'");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(trace);
    }
  }

  @Test
  void unknownWaysToCount_areRefusedInOneLine_beforeAnythingRuns() {
    for (String[] wrong :
        new String[][] {
          {"--cost", "l9=1"}, {"--cost", "l1=fast"}, {"--cache", "l4=1m"}, {"--overlap", "often"}
        }) {
      Ran ran = run("compare", wrong[0], wrong[1], "--out", folder.resolve("out").toString());
      assertThat(ran.status()).as(wrong[1]).isEqualTo(2);
      assertThat(ran.err().strip()).contains(wrong[0]).doesNotContain("\n");
      assertThat(folder.resolve("out")).doesNotExist();
    }
  }

  @Test
  void listings_endWell() {
    for (String command : new String[] {"strategies", "workloads", "metrics", "--version"}) {
      Ran ran = run(command);
      assertThat(ran.status()).as(ran.err()).isZero();
      assertThat(ran.out()).isNotBlank();
    }
    assertThat(run("strategies", "A").out()).contains("memslot-array");
    assertThat(run("workloads", "W6").out()).contains("bounce");
    assertThat(run("compare", "--vm", "help").out()).contains("merge");
    assertThat(run("compare", "--cost", "help").out()).contains("tdh.mem.page.demote");
  }

  @Test
  void cutTrace_isATrace() {
    Path out = folder.resolve("cut.trace.gz");

    assertThat(run("trace", "cut", "td-boot-1g-1v", out.toString(), "--events", "500").status())
        .isZero();
    assertThat(run("trace", "info", out.toString()).out())
        .contains("events      500")
        .contains("first 500 events");
  }
}
