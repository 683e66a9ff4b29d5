package dev.broadsheet.lab.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.core.strategy.StrategyRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RealKvmReplayTest {
  private static final String SCRIPT =
      """
      script two_pages
      about a page of each kind
      env npt=4-level eager_page_split=Y nx_huge_pages=N
      step 1 vm swprot
      res create_vm rc=0 errno=0
      pages 4k=0 2m=0 1g=0
      step 2 slot 0 0x40000000 0x400000 h2m
      res set_memory_region2 rc=0 errno=0
      pages 4k=0 2m=0 1g=0
      step 3 fault 0x40001000
      res pre_fault_memory rc=0 errno=0
      left gpa=40002000 size=0
      pt+ 0 lvl=4 root
      req 40001 lvl=2
      pt+ 0 lvl=3
      chg 0 0 4 - > tbl
      pt+ 40000 lvl=2
      chg 0 40000 3 - > tbl
      chg 0 40000 2 - > leaf.w
      setspte 40000 lvl=2 rwxu
      map 40001 lvl=2 leaf.w
      pages 4k=0 2m=1 1g=0
      end steps=3
      """;

  @TempDir Path folder;

  private final StrategyRegistry registry = StrategyRegistry.load();
  private final StringWriter printed = new StringWriter();

  private ReplayResult replay(String strategy, boolean check, Path... files) throws IOException {
    return new Replay(registry, registry.configure(strategy), new PrintWriter(printed), check)
        .run(List.of(files));
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("script.txt"), text);
  }

  private static Stream<Path> recordings() {
    URL url = Objects.requireNonNull(RealKvmReplayTest.class.getResource("/golden/real-kvm"));
    try (Stream<Path> files = Files.list(Path.of(url.toURI()))) {
      return files.sorted().toList().stream();
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "reference",
        "memslot-array",
        "flat-bitmap",
        "xarray-lpage-info",
        "xarray-mixed-flag"
      })
  void recordingsOfRealKvm_areReproducedLineByLine(String strategy) throws IOException {
    ReplayResult result = replay(strategy, true, recordings().toArray(Path[]::new));
    assertThat(result.differences()).as(printed.toString()).isZero();
    assertThat(result.scripts()).isEqualTo(49);
    assertThat(result.compared()).isGreaterThan(11_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"spte-mixed-bit", "shadow-page-bitmap"})
  void strategyInPageTables_agreesInAllButTheTables(String strategy) throws IOException {
    ReplayResult result = replay(strategy, true, recordings().toArray(Path[]::new));
    assertThat(result.differences()).as(printed.toString()).isZero();
    assertThat(result.scripts()).isEqualTo(49);
    assertThat(result.compared()).isGreaterThan(8_000);
    String wrong = SCRIPT.replace("map 40001 lvl=2", "map 40001 lvl=1");
    assertThat(replay(strategy, true, file(wrong)).differences()).isEqualTo(1);
    assertThat(replay(strategy, true, file(SCRIPT)).notApplicable()).isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"spte-mixed-bit", "shadow-page-bitmap"})
  void conversionOutOfReach_isNotApplicable(String strategy) throws IOException {
    String far =
        SCRIPT.replace(
            "end steps=3",
            """
            step 4 set 0x10000000000000 0x1000 0x8
            res set_memory_attributes rc=0 errno=0
            pages 4k=0 2m=1 1g=0
            end steps=4""");
    assertThat(replay(strategy, true, file(far)).differences()).isZero();
    assertThat(replay("reference", true, file(far)).differences()).isZero();
    String within = far.replace("0x10000000000000 ", "0x40000000 ");
    assertThat(replay(strategy, true, file(within)).differences()).isEqualTo(1);
  }

  /** Steps behind each other, and what the last prints but for the events. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "gmemfd 0 0x1000 0x1@res create_guest_memfd rc=-1 errno=22 EINVAL",
        "gmemfd 0 0x7ffffffffffff000@res create_guest_memfd rc=0 errno=0",
        "gmemfd 0 0x200000;slot 1 0x0 0x200000 4k gmem=0;slot 2 0x200000 0x1000 4k gmem=0"
            + "@res set_memory_region2 rc=-1 errno=22 EINVAL",
        "slot 0 0x0 0x8000000000000000 4k@res set_memory_region2 rc=-1 errno=22 EINVAL",
        "slot 0 0x0 0x200000 4k;getdirty 0@res get_dirty_log rc=-1 errno=2 ENOENT",
        "getdirty 3@res get_dirty_log rc=-1 errno=2 ENOENT",
        "getdirty 65536@res get_dirty_log rc=-1 errno=22 EINVAL",
        "slot 0 0x0 0x200000 4k;touch x 0x0@exit hlt al=f4",
        "slot 0 0x0 0x200000 4k;touch x 0x0 0x90@exit hlt al=90",
        "slot 0 0x0 0x200000 h2m;mprot 0 0x0 0x1000 r@res mprotect rc=-1 errno=22 EINVAL",
        "slot 0 0x0 0x200000 4k;mprot 0 0x10 0x1000 r@res mprotect rc=-1 errno=22 EINVAL",
        "slot 0 0x0 0x200000 4k;madv 0 0x10 0x1000 dontneed@res madvise rc=-1 errno=22 EINVAL",
        "slot 0 0x0 0x200000 4k;madv 0 0x0 0x1000 populate_write;fault 0x0@map 0 lvl=1 leaf.w",
        "slot 0 0x0 0x200000 4k;madv 0 0x0 0x1000 populate_read;fault 0x0@map 0 lvl=1 leaf.r",
        "slot 0 0x0 0x200000 thp;madv 0 0x0 0x1 nohugepage;touch w 0x0@map 0 lvl=1 leaf.w",
        "slot 0 0x0 0x200000 4k;madv 0 0x0 0x200000 hugepage;touch w 0x0@map 0 lvl=2 leaf.w",
        "slot 0 0x0 0x200000 thp;madv 0 0x0 0x1 nohugepage;touch w 0x0;"
            + "madv 0 0x0 0x200000 hugepage;madv 0 0x0 0x200000 collapse@chg 0 0 1 leaf.w > -",
        "slot 0 0x0 0x200000 4k pop;fault 0x0;madv 0 0x0 0x1000 free@chg 0 0 1 leaf.w > -",
        "view 0x0 0x7000000000000000@map 0..6ffffffffffff lvl=0 -",
        "slot 0 0x0 0x200000 4k;fault 0x0;move 0 0xfffff00000@chg 0 0 1 leaf.r > -",
        "slot 0 0x0 0x200000 4k;move 0 0xfffff00000;fault 0x0@map 0 lvl=1 leaf.r",
        "slot 0 0x0 0x200000 h2m ro log;fault 0x0;dirtylog 0 off;view 0x0 0x1000"
            + "@map 0 lvl=1 leaf.r"
      })
  void callThatNoRecordingHas_answersAsLinuxDoes(String stepsAndLine) throws IOException {
    List<String> parts = List.of(stepsAndLine.split("@", -1));
    List<String> steps = List.of(parts.get(0).split(";", -1));
    StringBuilder script = new StringBuilder("script calls\nstep 1 vm swprot\n");
    for (int i = 0; i < steps.size(); i++) {
      script.append("step ").append(i + 2).append(' ').append(steps.get(i)).append('\n');
    }
    replay("xarray-mixed-flag", false, file(script.toString()));
    String last = "step " + (steps.size() + 1) + " ";
    assertThat(printed.toString().substring(printed.toString().indexOf(last)).lines())
        .contains(parts.get(1));
  }

  @Test
  void testOfTheKernel_onADefaultMachine_isKnownByItsInvalidatedRoots() throws IOException {
    String script =
        """
        script selftest_two
        step 1 slot 0 0x0 0x1000 flags=0x0 hva_mod_1g=0x1000 goff=0x0
        step 2 slot 10 0x400000 0x200000 flags=0x0 hva_mod_1g=0x3000 goff=0x0
        step 3 fault gpa=0x400000 size=0x1000
        pt+ 0 lvl=4 root
        req 400 lvl=1
        pt+ 0 lvl=3
        chg 0 0 4 - > tbl
        pt+ 0 lvl=2
        chg 0 0 3 - > tbl
        pt+ 400 lvl=1
        chg 0 400 2 - > tbl
        chg 0 400 1 - > leaf.r
        setspte 400 lvl=1 r-xu
        step 4 delslot 10
        step 5 run
        ROOT
        chg 0 400 1 leaf.r > -
        """;
    replay("xarray-mixed-flag", true, file(script.replace("ROOT", "zap_all_fast")));
    assertThat(printed.toString()).doesNotContain("expected zap_all_fast");
    assertThat(printed.toString()).contains("expected nothing, got chg 0 400 2 tbl > -");
  }

  @Test
  void strategyWithoutLargePages_isFound() throws IOException {
    ReplayResult result = replay("small-pages-only", true, file(SCRIPT));
    assertThat(result.differences()).isPositive();
    assertThat(printed.toString())
        .contains(
            "script.txt:14: fault 0x40001000: line: expected req 40001 lvl=2, got req 40001 lvl=1");
  }

  @Test
  void withoutCheck_allLinesArePrintedAsInTheRecording() throws IOException {
    replay("reference", false, file(SCRIPT));
    String withoutHead =
        SCRIPT.lines().filter(line -> !line.matches("(about|env) .*")).toList().toString();
    assertThat(printed.toString().strip().lines().toList()).hasToString(withoutHead);
  }

  @Test
  void lineThatIsMissingOrTooMuch_isADifference() throws IOException {
    ReplayResult missing =
        replay("reference", true, file(SCRIPT.replace("setspte 40000 lvl=2 rwxu\n", "")));
    assertThat(missing.differences()).isEqualTo(3);
    ReplayResult more =
        replay("reference", true, file(SCRIPT.replace("end steps", "zap_all_fast\nend steps")));
    assertThat(more.differences()).isEqualTo(1);
    assertThat(printed.toString()).contains("expected zap_all_fast, got nothing");
  }

  @Test
  void linesThatNoModelKnows_areNotCompared() throws IOException {
    ReplayResult result =
        replay(
            "reference",
            true,
            file(
                SCRIPT.replace(
                    "end steps", "mmunotifier unmap_hva\nfrz 0 1..2 1 n=2\nnote x\nend steps")));
    assertThat(result.differences()).isZero();
    assertThat(result.notApplicable()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "script a\nstep 1 slot 0 0x0 0x1000 4k\n@:2: found 'slot 0 0x0 0x1000 4k'; expected 'vm KIND'",
        "script a\nstep 1 vm tdx\n@:2: found 'tdx'; expected swprot or default",
        "script a\nstep 1 vm swprot\nstep 2 fly 1\n@:3: found 'fly 1'; expected an operation",
        "script a\nstep 1 vm swprot\nstep 2 slot 0 0x0 0x1000 5k\n@:3: found '5k'; expected h2m",
        "script a\nstep 1 vm swprot\nstep 2 punch 0 0 4096\n@:3: found no guest_memfd 0",
        "script a\nstep 1 vm swprot\nstep 2 fault\n@:3: found no operand 1",
        "script a\nstep 1 vm swprot\nend steps=2\n@:3: found 'end steps=2'; expected 'end steps=1'",
        "script a\nhello\n@:2: found 'hello'; expected 'step N OPERATION...'"
      })
  void malformedScript_isOneMessageWithFileAndLine(String textAndMessage) throws IOException {
    int at = textAndMessage.indexOf('@');
    Path file = file(textAndMessage.substring(0, at));
    assertThatThrownBy(() -> replay("reference", false, file))
        .isInstanceOf(ScriptFormatException.class)
        .hasMessageContaining("script.txt" + textAndMessage.substring(at + 1));
  }
}
