package dev.broadsheet.lab.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.core.strategy.StrategyRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayTest {
  private static final String SCRIPT =
      """
      vec 1 upstream
      # comment
      slot 0 0 1024
      = lpages 2M 2 0 1G 1 1
      set 5 6 private
      = rc 0 changed 1 nodes 1 bytes 576 peak 1
      = inv 0 512
      = unmap 0 5 6 shared
      = maple plain 0 0 merged 1 256
      query 5
      = private slot 0 2M m 0 m 1G u 1 m max 4K
      check
      = digest attr b70a5d074331a7e6 runs 1 pages 1 lpage 0 mixed2m 1 mixed1g 0
      """;

  @TempDir Path folder;

  private final StrategyRegistry registry = StrategyRegistry.load();
  private final StringWriter printed = new StringWriter();

  private ReplayResult replay(String strategy, boolean check, Path... files) throws IOException {
    return new Replay(registry, registry.configure(strategy), new PrintWriter(printed), check)
        .run(List.of(files));
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  static Stream<Path> golden() {
    URL url = Objects.requireNonNull(ReplayTest.class.getResource("/golden"));
    try (Stream<Path> files = Files.list(Path.of(url.toURI()))) {
      return files.filter(file -> file.toString().endsWith(".vec.gz")).sorted().toList().stream();
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void strategyThatLinuxMerged_hasEveryAnswerOfTheKernel() throws IOException {
    ReplayResult result = replay("xarray-mixed-flag", true, golden().toArray(Path[]::new));
    assertThat(result.differences()).as(printed.toString()).isZero();
    long conversions = 4_060;
    assertThat(result.notApplicable()).isGreaterThan(conversions).isLessThan(conversions * 3);
    assertThat(result.compared()).isGreaterThan(100_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "reference",
        "memslot-array",
        "memslot-array[encoding=packed]",
        "flat-bitmap",
        "xarray-lpage-info"
      })
  void recordedAnswersOfTheKernel_areThoseOfEveryStrategy(String strategy) throws IOException {
    ReplayResult result = replay(strategy, true, golden().toArray(Path[]::new));
    assertThat(printed.toString()).endsWith(result.summary() + System.lineSeparator());
    assertThat(result.differences()).as(printed.toString()).isZero();
    assertThat(result.scripts()).isEqualTo(15);
    assertThat(result.compared()).isGreaterThan(30_000);
    assertThat(result.notApplicable()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"spte-mixed-bit", "shadow-page-bitmap"})
  void strategyInPageTables_hasTheKernelsAnswersWithinReach(String strategy) throws IOException {
    ReplayResult result = replay(strategy, true, golden().toArray(Path[]::new));
    assertThat(result.differences()).as(printed.toString()).isZero();
    assertThat(result.compared()).isGreaterThan(30_000);
  }

  /** Four levels of tables end at gfn 2^36; the second conversion crosses that. */
  private static final String OUT_OF_REACH =
      """
      vec 1 upstream
      slot 0 0 1024
      = lpages 2M 2 0 1G 1 1
      set 5 6 private
      = rc 0 changed 1 nodes 1 bytes 576 peak 1
      = inv 0 512
      = unmap 0 5 6 shared
      set 68719476735 68719476737 private
      = rc 0 changed 1 nodes 13 bytes 7488 peak 13
      = inv none
      query 68719476735
      = private slot none 2M - - m 1G - - m max none
      query 5
      = private slot 0 2M m 0 m 1G u 1 m max 4K
      query 68719470000
      = shared slot none 2M - - u 1G - - m max none
      dump
      = attr 5-6 68719476735-68719476737
      = lpage 0 2M 80000000x1 0x1
      = lpage 0 1G 1x1
      set 68719476735 68719476737 shared
      = rc 0 changed 1 nodes 1 bytes 576 peak 13
      = inv none
      check
      = digest attr b70a5d074331a7e6 runs 1 pages 1 lpage 0 mixed2m 1 mixed1g 0
      """;

  @ParameterizedTest
  @ValueSource(strings = {"spte-mixed-bit", "shadow-page-bitmap"})
  void conversionOutOfReach_isNotApplicableUntilItIsTakenBack(String strategy) throws IOException {
    ReplayResult result = replay(strategy, true, file("far.vec", OUT_OF_REACH));
    assertThat(result.differences()).as(printed.toString()).isZero();
    assertThat(result.notApplicable()).isGreaterThan(20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "shared slot none 2M - - u@private slot none 2M - - u@query 68719470000: state",
        "shared slot none 2M - - u@shared slot none 2M - - m@query 68719470000: actual",
        "query 5\n= private@query 5\n= shared@query 5: state",
        "m 1G u 1 m max 4K@m 1G u 1 m max 2M@query 5: max",
        "attr 5-6 687@attr 5-7 687@dump: attr: expected [[0x5, 0x7)], got [[0x5, 0x6)]",
        "attr b70a@attr b70b@check: attr",
        "rc 0 changed 1 nodes 1 bytes 576 peak 13@rc -22 changed 1 nodes 1 bytes 576 peak 13@rc: expected -22"
      })
  void wrongAnswerWithinReach_isFoundBesideConversionsOutOfReach(String edit) throws IOException {
    List<String> parts = List.of(edit.split("@", -1));
    assertThat(OUT_OF_REACH).contains(parts.get(0));
    String wrong = OUT_OF_REACH.replace(parts.get(0), parts.get(1));
    ReplayResult result = replay("spte-mixed-bit", true, file("far.vec", wrong));
    assertThat(result.differences()).as(printed.toString()).isPositive();
    assertThat(printed.toString()).contains(parts.get(2));
  }

  @Test
  void strategyThatReachesAllGfns_isComparedOutThere() throws IOException {
    String wrong =
        OUT_OF_REACH.replace("query 68719476735\n= private", "query 68719476735\n= shared");
    assertThat(replay("reference", true, file("far.vec", OUT_OF_REACH)).differences()).isZero();
    assertThat(replay("reference", true, file("far.vec", wrong)).differences()).isEqualTo(1);
  }

  @Test
  void smallPagesOnly_isExcusedFromLargePagesOnly() throws IOException {
    ReplayResult result = replay("small-pages-only", true, golden().toArray(Path[]::new));
    assertThat(result.differences()).as(printed.toString()).isZero();
  }

  @Test
  void wrongRecordings_arePrintedWithTheirLines() throws IOException {
    String wrong =
        SCRIPT
            .replace("rc 0 changed 1", "rc 0 changed 0")
            .replace("unmap 0 5 6 shared", "unmap 0 5 7 shared")
            .replace("max 4K", "max 2M");
    ReplayResult result = replay("reference", true, file("wrong.vec", wrong));
    assertThat(printed.toString())
        .contains("wrong.vec:6: set 5 6 private: changed: expected 0, got 1")
        .contains("wrong.vec:8: set 5 6 private: unmap: expected 7, got 6")
        .contains("wrong.vec:11: query 5: max: expected 2M, got 4K");
    assertThat(result.differences()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "inv none@inv@inv: expected nothing, got none",
        "inv none@inv none none@inv: expected none, got nothing",
        "max none@max@max: expected nothing, got none"
      })
  void wordNoneThatIsMissingOrTooMany_isADifference(String edit) throws IOException {
    List<String> parts = List.of(edit.split("@", -1));
    String right =
        """
        vec 1 upstream
        set 5 6 private
        = rc 0 changed 1 nodes 1 bytes 576 peak 1
        = inv none
        query 5
        = private slot none 2M - - m 1G - - m max none
        """;
    assertThat(replay("xarray-mixed-flag", true, file("none.vec", right)).differences()).isZero();
    String wrong = right.replace(parts.get(0), parts.get(1));
    assertThat(replay("xarray-mixed-flag", true, file("none.vec", wrong)).differences())
        .isEqualTo(1);
    assertThat(printed.toString()).contains(parts.get(2));
  }

  @Test
  void invalidRequest_fillsNothingWhereTheStrategyKeepsTheOtherAttribute() throws IOException {
    String script =
        """
        vec 1 upstream
        ioctl 0x0 0xffffffffffffffff 0x8 0x0
        = rc -22 changed 0 nodes 0 bytes 0 peak 0
        = inv none
        check
        = digest attr cbf29ce484222325 runs 0 pages 0 lpage cbf29ce484222325 mixed2m 0 mixed1g 0
        """;
    assertThat(
            replay("xarray-mixed-flag[absent=private]", true, file("all.vec", script))
                .differences())
        .isZero();
  }

  @Test
  void answerLineThatIsMissing_isADifference() throws IOException {
    String wrong = SCRIPT.replace("= unmap 0 5 6 shared\n", "");
    replay("reference", true, file("short.vec", wrong));
    assertThat(printed.toString())
        .contains("set 5 6 private: line: expected nothing, got unmap 0 5 6 shared");
  }

  @Test
  void moreThanTwentyDifferences_areCountedNotPrinted() throws IOException {
    StringBuilder wrong = new StringBuilder("vec 1 upstream\n");
    for (int i = 0; i < 30; i++) {
      wrong.append("query ").append(i).append("\n= private slot none 2M - - u 1G - - u max none\n");
    }
    ReplayResult result = replay("reference", true, file("many.vec", wrong.toString()));
    assertThat(result.differences()).isEqualTo(30);
    assertThat(printed.toString().lines().filter(line -> line.contains("expected private")))
        .hasSize(20);
    assertThat(printed.toString()).contains("many.vec: 10 more differences");
  }

  @Test
  void withoutCheck_answersArePrintedInTheFormatOfTheFile() throws IOException {
    Path packed = folder.resolve("packed.bin");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(SCRIPT.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    Files.write(packed, bytes.toByteArray());
    replay("reference", false, packed);
    assertThat(printed.toString().lines())
        .contains(
            "set 5 6 private",
            "= rc 0 changed 1 nodes - bytes - peak -",
            "= inv 0 512",
            "= unmap 0 5 6 shared")
        .doesNotContain("= maple plain 0 0 merged 1 256");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vec 2 upstream\n@:1: found 'vec 2 upstream'; expected 'vec 1 upstream'",
        "hello\n@:1: found 'hello'; expected 'vec 1 upstream'",
        "vec 1 upstream\n= rc 0\n@:2: found an answer above all operations",
        "vec 1 upstream\nset 0 1\n@:2: found 'set 0 1'; expected 'set START END private|shared'",
        "vec 1 upstream\nset 0 1 mixed\n@:2: found 'mixed'; expected private or shared",
        "vec 1 upstream\nquery x\n@:2: found 'x'; expected a number",
        "vec 1 upstream\nquery +1\n@:2: found '+1'; expected a number",
        "noise\nfly 1\n@:1: found 'noise'; expected 'vec 1 upstream'",
        "vec 1 upstream\nslot 0 0 4503599627370496\n@:2: found a slot too large: out of kernel",
        "vec 1 upstream\nfly 1\n@:2: found 'fly 1'; expected slot, unslot",
        "vec 1 upstream\nunslot 3\n@:2: found no slot 3; expected the number of a slot",
        "vec 1 upstream\nslot 0 0 8\n= ok\nslot 0 8 8\n@:4: found memslot 0 [0x8, 0x10)",
        "vec 1 upstream\ntrack 8\n@:2: found no slot at 8",
        "vec 1 upstream\nquery 1\n@:2: found an operation without answers"
      })
  void malformedScript_isOneMessageWithFileAndLine(String textAndMessage) throws IOException {
    int at = textAndMessage.indexOf('@');
    Path file = file("bad.vec", textAndMessage.substring(0, at));
    boolean check = textAndMessage.contains("without answers");
    assertThatThrownBy(() -> replay("reference", check, file))
        .isInstanceOf(ScriptFormatException.class)
        .hasMessageContaining("bad.vec" + textAndMessage.substring(at + 1));
  }

  @Test
  void damagedGzip_isOneMessage() throws IOException {
    Path file = folder.resolve("cut.vec.gz");
    byte[] whole = Files.readAllBytes(golden().findFirst().orElseThrow());
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> replay("reference", true, file))
        .isInstanceOf(ScriptFormatException.class)
        .hasMessageContaining("damaged gzip data");
  }
}
