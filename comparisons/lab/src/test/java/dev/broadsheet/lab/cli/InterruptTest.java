package dev.broadsheet.lab.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C, really sent to a process of its own. */
final class InterruptTest {
  private static final int SIGINT = 2;
  private static final int SIGINT_STATUS = 128 + SIGINT;

  @TempDir private Path folder;

  /** What a shell starts in the background ignores Ctrl-C for good, and so do its children. */
  @BeforeAll
  static void needCtrlC() throws IOException {
    Path status = Path.of("/proc/self/status");
    boolean ignored =
        Files.exists(status)
            && Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                .anyMatch(mask -> (mask >>> (SIGINT - 1) & 1) != 0);
    assumeThat(ignored).as("SIGINT is ignored here: a background job of a shell").isFalse();
  }

  private Process start(String... args) throws IOException {
    List<String> command =
        Stream.concat(
                Stream.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    classPath(),
                    "dev.broadsheet.lab.cli.Broadsheet"),
                Stream.of(args))
            .toList();
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** Both paths: the tests of a module run with its classes on the module path. */
  private static String classPath() {
    return String.join(
        System.getProperty("path.separator"),
        System.getProperty("java.class.path", ""),
        System.getProperty("jdk.module.path", ""));
  }

  private static void interrupt(Process process) throws Exception {
    Process kill = new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  @Test
  void interruptedRun_leavesNothing() throws Exception {
    Process run =
        start("compare", "--workload", "W6[ram=4g]", "--out", folder.resolve("r").toString());
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(run.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).contains("answers right"); // one strategy is done, others run
      interrupt(run);
      assertThat(run.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(run.exitValue()).isEqualTo(SIGINT_STATUS);
      assertThat(out.lines())
          .noneMatch(line -> line.contains("Report:"))
          .noneMatch(line -> line.startsWith("\tat "));
    }
    assertThat(left()).isEmpty();
  }

  @Test
  void interruptedWriting_leavesNothing() throws Exception {
    Process run =
        start("trace", "generate", "aging-30d", "--out", folder.resolve("t.trace").toString());
    while (left().isEmpty() && run.isAlive()) {
      Thread.sleep(20);
    }
    assertThat(left()).as("the part that is written").hasSize(1);

    interrupt(run);

    assertThat(run.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).isEqualTo(SIGINT_STATUS);
    assertThat(left()).isEmpty();
  }
}
