package dev.broadsheet.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kit is tested too: it passes what keeps the rules and refuses each defect by its rule. */
class BrokenTrackersTest {
  @Test
  void soundTracker_passesEveryRule() {
    List<RuleVerdict> verdicts = Conformance.run(new SampleStrategy(null), Settings.quick());
    assertThat(verdicts).extracting(RuleVerdict::rule).containsExactly(Rule.values());
    assertThat(verdicts).allMatch(v -> v.result() == RuleVerdict.Result.PASS, "pass");
    assertThat(verdicts).allMatch(v -> v.checks() > 0, "looked at something");
  }

  @ParameterizedTest
  @EnumSource
  void defect_isRefusedByItsRule(Defect defect) {
    Subject subject = Subject.of(new SampleStrategy(defect));
    RuleVerdict verdict = Conformance.judge(defect.rule(), subject, Settings.quick());
    assertThat(verdict.failed()).as(verdict.toString()).isTrue();
    assertThat(verdict.message()).contains("expected").contains("found");
    if (!verdict.repeat().isEmpty()) {
      RuleVerdict again = Conformance.repeat(subject, verdict.repeat());
      assertThat(again.failed()).as("repeated: " + verdict.repeat()).isTrue();
    }
  }

  @Test
  void silentTracker_isSoundAndTheVerdictSaysSo() {
    RuleVerdict verdict =
        Conformance.judge(Rule.R2, Subject.of(new SampleStrategy(null)), Settings.quick());
    assertThat(verdict.failed()).isFalse();
    assertThat(verdict.message()).endsWith("; tells nothing of blocks that turn");
  }

  @Test
  void failureText_saysRuleExpectationFindingRepeatAndSeed() {
    Subject subject = Subject.of(new SampleStrategy(Defect.FORGETS_TAIL_BLOCK));
    RuleVerdict verdict = Conformance.judge(Rule.R3, subject, Settings.quick());
    String text =
        TrackingStrategyConformance.failure("R3: title", subject, verdict, Settings.quick());
    assertThat(text.lines().map(String::strip))
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("sample breaks R3: title"),
            line -> assertThat(line).startsWith("verdict: after ").contains("expected", "found"),
            line -> assertThat(line).startsWith("repeat:  R3 init="),
            line -> assertThat(line).isEqualTo("seed:    1"));
  }

  @Test
  void everyRule_hasADefectThatItFinds() {
    Set<Rule> found = Arrays.stream(Defect.values()).map(Defect::rule).collect(Collectors.toSet());
    assertThat(found).isEqualTo(EnumSet.allOf(Rule.class));
  }
}
