package dev.broadsheet.lab.ask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.lab.ask.AnswerTable.Unit;
import dev.broadsheet.lab.report.Units;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every question, in small. */
final class QuestionsTest {
  private static final StrategyRegistry REGISTRY = StrategyRegistry.load();

  /** The maintainers' sixteen, in their order. */
  private static final List<String> ALL =
      List.of(
          "survival",
          "split-time",
          "merge",
          "crossover",
          "latency",
          "start-up",
          "inhibit",
          "packing",
          "smash",
          "dma-tables",
          "races",
          "failure",
          "homes",
          "width",
          "vmm-copy",
          "denial");

  /** Small enough for a test. */
  private static final ImmutableMap<String, String> SMALL =
      ImmutableMap.<String, String>builder()
          .put("survival", "survival[guest=3g,days=1]")
          .put("split-time", "split-time[guest=3g,days=1]")
          .put("merge", "merge[guest=3g,days=1,recorded=no]")
          .put("crossover", "crossover[guest=4m]")
          .put("latency", "latency[samples=2]")
          .put("start-up", "start-up[guest=64m]")
          .put("inhibit", "inhibit[guest=3g,days=1,recorded=no]")
          .put("packing", "packing[guest=1g,vcpus=8]")
          .put("dma-tables", "dma-tables[guest=3g,days=1]")
          .put("races", "races[ranges=1]")
          .put("failure", "failure[most=12]")
          .put("vmm-copy", "vmm-copy[guest=48g]")
          .put("denial", "denial[guest=2g,attacked=2m]")
          .buildOrThrow();

  /** Columns of numbers that say what a row is about, not what was found. */
  private static final List<String> KEYS = List.of("guest", "runs");

  private static final Map<String, Answer> ANSWERS = new ConcurrentHashMap<>();

  private static Answer ask(String name) throws IOException {
    ImmutableList<ConfiguredStrategy> designs =
        ImmutableList.of(
            REGISTRY.configure("memslot-array[encoding=packed]"),
            REGISTRY.configure("xarray-mixed-flag"),
            REGISTRY.configure("reference"));
    return Questions.prepare(SMALL.getOrDefault(name, name), REGISTRY)
        .answer(REGISTRY, designs, "broadsheet ask " + name, 2, (steps, all, step) -> {});
  }

  /** Answers once for all tests. */
  private static Answer answer(String name) throws IOException {
    Answer known = ANSWERS.get(name);
    if (known == null) {
      known = ask(name);
      ANSWERS.put(name, known);
    }
    return known;
  }

  private static Question question(String name) {
    return Questions.all().stream()
        .filter(question -> question.about().name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  static List<String> answerable() {
    return Questions.list(REGISTRY).stream()
        .filter(Questions.Listed::isAnswerable)
        .map(Questions.Listed::name)
        .toList();
  }

  @Test
  void list_isTheSixteenInOrder_andSaysWhatStandsInTheWay() {
    assertThat(Questions.list(REGISTRY)).extracting(Questions.Listed::name).isEqualTo(ALL);
    for (int i = 0; i < ALL.size(); i++) {
      assertThat(Questions.all().get(i).about().rank()).isEqualTo(i + 1);
    }
    assertThat(answerable())
        .contains(
            "survival",
            "split-time",
            "merge",
            "crossover",
            "latency",
            "start-up",
            "inhibit",
            "packing",
            "failure",
            "denial");
    for (Questions.Listed listed : Questions.list(REGISTRY)) {
      assertThat(listed.question()).isNotBlank();
      assertThat(listed.asked()).isNotBlank();
      assertThat(listed.isAnswerable()).isEqualTo(listed.obstacle().isEmpty());
    }
  }

  @ParameterizedTest
  @MethodSource("answerable")
  void answer_hasRowsASentenceAndAChartOfItsColumns(String name) throws IOException {
    Answer answer = answer(name);

    assertThat(answer.table().rows()).hasSizeGreaterThan(2);
    assertThat(answer.sentence()).endsWith(".").doesNotContain("null").doesNotContain("NaN");
    AnswerChart chart = answer.chart();
    AnswerTable table = answer.table();
    assertThat(table.columns().get(table.index(chart.y())).isNumber())
        .isEqualTo(chart.form() == AnswerChart.Form.LINES);
    assertThat(table.columns().get(table.index(chart.x())).isNumber()).isTrue();
    for (String words : List.of(chart.colour(), chart.panel())) {
      assertThat(words.isEmpty() || !table.columns().get(table.index(words)).isNumber()).isTrue();
    }
    switch (question(name).designs()) {
      case ALL ->
          assertThat(table.texts("strategy"))
              .contains("memslot-array[encoding=packed]", "xarray-mixed-flag", "reference");
      case INCUMBENT -> assertThat(answer.strategies()).containsExactly("xarray-mixed-flag");
      case NONE -> assertThat(answer.strategies()).isEmpty();
    }
  }

  /** The sentence comes from the table alone: other numbers, another sentence. */
  @ParameterizedTest
  @MethodSource("answerable")
  void sentence_changesWithTheNumbers(String name) throws IOException {
    Question question = question(name);
    AnswerTable table = answer(name).table();

    assertThat(question.sentence(table)).isEqualTo(answer(name).sentence());
    assertThat(question.sentence(shifted(table))).isNotEqualTo(answer(name).sentence());
  }

  /** Every number a little larger, and no two by the same amount. */
  private static AnswerTable shifted(AnswerTable table) {
    ImmutableList.Builder<ImmutableList<Object>> rows = ImmutableList.builder();
    long by = 1;
    for (ImmutableList<Object> row : table.rows()) {
      ImmutableList.Builder<Object> cells = ImmutableList.builder();
      for (int i = 0; i < row.size(); i++) {
        Unit unit = table.columns().get(i).unit();
        by++;
        cells.add(
            unit == Unit.TEXT || KEYS.contains(table.columns().get(i).id())
                ? row.get(i)
                : row.get(i) instanceof Long number
                    ? (Object) (number * 2 + by * 1024)
                    : (Object) ((Double) row.get(i) * 2 + by));
      }
      rows.add(cells.build());
    }
    return new AnswerTable(table.columns(), rows.build());
  }

  @ParameterizedTest
  @MethodSource("answerable")
  void files_areTheSameAgain(String name) throws IOException {
    Answer again =
        List.of("failure", "crossover", "start-up", "vmm-copy").contains(name)
            ? ask(name)
            : answer(name);
    for (AnswerFormat format : AnswerFormat.values()) {
      ByteArrayOutputStream first = new ByteArrayOutputStream();
      ByteArrayOutputStream second = new ByteArrayOutputStream();
      format.content(answer(name)).writeTo(first);
      format.content(again).writeTo(second);
      assertThat(second.toByteArray()).isEqualTo(first.toByteArray());
      assertThat(first.size()).isPositive();
    }
  }

  @Test
  void survival_sentenceNamesTheBestRow() throws IOException {
    Answer answer = answer("survival");

    long kept =
        answer.table().where("pattern", "boot").stream()
            .mapToLong(row -> row.number("kept"))
            .max()
            .orElseThrow();
    assertThat(answer.sentence()).contains("Boot leaves " + Units.count(kept) + " of ");
    for (AnswerTable.Row row : answer.table().where("pattern", "aging")) {
      assertThat(row.number("kept") + row.number("mixed") + row.number("other"))
          .isEqualTo(row.number("regions"));
    }
  }

  @Test
  void splitTime_atFaultMakesNoDemotes() throws IOException {
    AnswerTable table = answer("split-time").table();

    for (AnswerTable.Row row : table.where("split", "fault")) {
      assertThat(row.number("demotes")).isZero();
    }
    assertThat(table.where("split", "conversion"))
        .anySatisfy(row -> assertThat(row.number("demotes")).isPositive());
  }

  @Test
  void merge_partsOfTheSmallBlocksAddUp() throws IOException {
    for (AnswerTable.Row row : answer("merge").table().stream().toList()) {
      assertThat(
              row.number("inhibited")
                  + row.number("ready")
                  + row.number("scattered")
                  + row.number("pending")
                  + row.number("partial"))
          .isEqualTo(row.number("small"));
      if (row.text("inhibit").equals("none")) {
        assertThat(row.number("inhibited")).isZero();
      }
    }
  }

  @Test
  void crossover_runsReachEveryOtherPage() throws IOException {
    List<AnswerTable.Row> rows = answer("crossover").table().where("strategy", "reference");

    assertThat(rows.get(0).number("runs")).isEqualTo(1);
    assertThat(rows.get(rows.size() - 1).number("shared")).isEqualTo((4 << 20) / 4096 / 2);
    // 16 bytes a run, and an array that doubles.
    assertThat(rows.get(rows.size() - 1).number("bytes")).isGreaterThanOrEqualTo(1024 * 16);
  }

  @Test
  void latency_unionBlocksAllBetween_perRangeDoesNot() throws IOException {
    for (AnswerTable.Row row : answer("latency").table().where("size", "4K")) {
      assertThat(row.number("both")).isEqualTo(2048);
      assertThat(row.number("both-range")).isLessThan(row.number("both"));
      assertThat(row.number("p50")).isLessThanOrEqualTo(row.number("max"));
    }
  }

  @Test
  void startUp_bornPrivateStoresNothing() throws IOException {
    AnswerTable table = answer("start-up").table();

    AnswerTable.Row filled = Rows.the(table, "strategy", "xarray-mixed-flag", "start", "converted");
    AnswerTable.Row born =
        Rows.the(table, "strategy", "xarray-mixed-flag", "start", "born private");
    // 64 slots of a node of 576 bytes: 9 bytes a page and more.
    assertThat(filled.number("bytes")).isGreaterThan(9 * (filled.number("guest") >>> 12));
    assertThat(born.number("bytes")).isLessThan(1024);
    assertThat(table.texts("strategy")).contains("xarray-mixed-flag[absent=shared]");
  }

  @Test
  void packing_losesLess() throws IOException {
    AnswerTable table = answer("packing").table();

    for (String group : table.texts("group")) {
      assertThat(Rows.the(table, "group", group, "place", "packed").number("lost"))
          .isLessThan(Rows.the(table, "group", group, "place", "scattered").number("lost"));
    }
  }

  @Test
  void dmaTables_alternatePagesCoalesceToNothing() throws IOException {
    AnswerTable.Row row = Rows.the(answer("dma-tables").table(), "pattern", "alternate pages");

    assertThat(row.number("runs")).isEqualTo(row.number("pages")).isEqualTo((64 << 20) / 8192);
  }

  @Test
  void failure_leavesNothingInconsistent_andSucceedsAgain() throws IOException {
    AnswerTable table = answer("failure").table();

    assertThat(table.stream().mapToLong(row -> row.number("failed")).sum()).isPositive();
    for (AnswerTable.Row row : table.stream().toList()) {
      assertThat(row.number("inconsistent")).as(row.text("call")).isZero();
      assertThat(row.number("retried")).isEqualTo(row.number("failed"));
      assertThat(row.number("absorbed") + row.number("failed"))
          .isEqualTo(row.number("allocations"));
    }
  }

  @Test
  void vmmCopy_boundedNeverReadsMore() throws IOException {
    for (AnswerTable.Row row : answer("vmm-copy").table().stream().toList()) {
      assertThat(row.number("bounded")).isLessThanOrEqualTo(row.number("open"));
    }
    // All private: the search for a shared page reads the bitmap from the page to its end.
    AnswerTable.Row first = answer("vmm-copy").table().where("pattern", "first page").get(0);
    assertThat(first.number("worst")).isLessThanOrEqualTo((first.number("guest") >>> 12) / 8 + 16);
  }

  @Test
  void badInput_saysWhatWouldDo() {
    assertThatThrownBy(() -> Questions.prepare("weather", REGISTRY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Known: survival, split-time");
    assertThatThrownBy(() -> Questions.prepare("survival[sun=1]", REGISTRY))
        .hasMessageContaining("no parameter 'sun'. Known: guest, days, seed");
    assertThatThrownBy(() -> Questions.prepare("survival[days=0]", REGISTRY))
        .hasMessageContaining("allowed: 1 to 10000 days");
    assertThatThrownBy(() -> Questions.prepare("survival[days", REGISTRY))
        .hasMessageContaining("Cannot read question");
    assertThatThrownBy(() -> Questions.prepare("width", REGISTRY))
        .hasMessageContaining("cannot be answered yet: ");
  }

  @Test
  void table_refusesACellOfAnotherKind() {
    assertThatThrownBy(() -> AnswerTable.builder().count("n", "n").row("many").build())
        .hasMessageContaining("'many' in column n");
    assertThatThrownBy(() -> AnswerTable.builder().count("n", "n").row(1, 2).build())
        .hasMessageContaining("a row of 2 cells");
  }
}
