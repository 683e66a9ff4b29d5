package dev.broadsheet.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.api.StrategyTrait;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.api.UnmetRequirementException;
import dev.broadsheet.api.memory.ElementWidth;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SurroundingsTest {
  private static final Settings FEW = new Settings(1, 2, 4, 5);

  @Test
  void suitable_withoutNeedOfTables_isWhereTablesDoNotMatter() {
    assertThat(Surroundings.suitable(Subject.of(new SampleStrategy(null))))
        .contains(Surroundings.ALONE, Surroundings.WHOLE_MACHINE)
        .doesNotContain(Surroundings.ONE_TREE, Surroundings.NO_FREE_BIT);
  }

  @Test
  void suitable_withNeedOfTables_isEverywhere() {
    assertThat(Surroundings.suitable(subject(context -> {})))
        .isEqualTo(List.of(Surroundings.values()));
  }

  @Test
  void oneTree_hasOneTree() {
    Subject subject =
        subject(
            context -> {
              if (context.pageTables().orElseThrow().hasTwoTrees()) {
                throw new IllegalStateException("two trees");
              }
            });
    assertThat(Conformance.judge(Surroundings.ONE_TREE, Rule.R2, subject, FEW).failed()).isFalse();
    assertThat(Conformance.judge(Surroundings.ALONE, Rule.R2, subject, FEW).failed()).isTrue();
  }

  @Test
  void noFreeBit_refusedInWords_passesR1AndJudgesNothingElse() {
    Subject subject = subject(context -> context.pageTables().orElseThrow().reserveBit("MINE"));
    List<RuleVerdict> verdicts = Conformance.run(Surroundings.NO_FREE_BIT, subject, FEW);
    assertThat(verdicts).extracting(RuleVerdict::rule).containsExactly(Rule.R1, Rule.R2);
    assertThat(verdicts.get(0).failed()).isFalse();
    assertThat(verdicts.get(0).message()).startsWith("refused at creation: no software bit");
    assertThat(verdicts.get(1).result()).isEqualTo(RuleVerdict.Result.NOT_APPLICABLE);
  }

  @Test
  void noFreeBit_createdWithoutABit_isJudgedByR2() {
    List<RuleVerdict> verdicts =
        Conformance.run(Surroundings.NO_FREE_BIT, subject(context -> {}), FEW);
    assertThat(verdicts).allMatch(v -> v.result() == RuleVerdict.Result.PASS, "pass");
  }

  @Test
  void noFreeBit_anotherException_failsR1() {
    RuleVerdict verdict =
        refusal(
            context -> {
              throw new IllegalStateException("oops");
            });
    assertThat(verdict.failed()).isTrue();
    assertThat(verdict.message()).contains("UnmetRequirementException", "oops");
  }

  @Test
  void noFreeBit_refusalThatLeavesMemory_failsR1() {
    RuleVerdict verdict =
        refusal(
            context -> {
              context.memory().array("left", ElementWidth.U8, 9);
              throw new UnmetRequirementException("no bit");
            });
    assertThat(verdict.failed()).isTrue();
    assertThat(verdict.message()).contains("nothing left allocated, found 1");
  }

  @Test
  void noFreeBit_refusalWithoutWords_failsR1() {
    RuleVerdict verdict =
        refusal(
            context -> {
              throw new UnmetRequirementException(" ");
            });
    assertThat(verdict.failed()).isTrue();
  }

  @Test
  void label_isReadAgain_unknownIsRefusedWithTheKnown() {
    for (Surroundings where : EnumSet.allOf(Surroundings.class)) {
      assertThat(Surroundings.of(where.label())).isEqualTo(where);
      assertThat(where.sentence()).isNotBlank();
    }
    assertThatThrownBy(() -> Surroundings.of("moon"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("alone, one-tree, no-free-bit, whole-machine");
  }

  private static RuleVerdict refusal(Consumer<TrackerContext> creation) {
    return Conformance.judge(Surroundings.NO_FREE_BIT, Rule.R1, subject(creation), FEW);
  }

  /** A sound tracker that says it needs page tables and does something when it is created. */
  private static Subject subject(Consumer<TrackerContext> creation) {
    SampleStrategy sample = new SampleStrategy(null);
    return Subject.of(
        new TrackingStrategy() {
          @Override
          public String id() {
            return "in-tables";
          }

          @Override
          public StrategyDescription description() {
            return new StrategyDescription(
                "In tables",
                "A sample that says it needs page tables.",
                "this test",
                Set.of(),
                Set.of(StrategyTrait.NEEDS_PAGE_TABLES),
                PageAttributes.PRIVATE);
          }

          @Override
          public List<StrategyOption> options() {
            return List.of();
          }

          @Override
          public PageAttributeTracker create(TrackerContext context) {
            creation.accept(context);
            return sample.create(context);
          }
        });
  }
}
