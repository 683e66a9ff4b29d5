package dev.broadsheet.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.conformance.RuleVerdict.Result;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What breaks a rule breaks it under a whole machine too, and is found there. */
class WholeMachineTest {
  private static final Settings FEW = new Settings(1, 24, 12, 1);

  @Test
  void soundTracker_passesEveryRuleThatIsJudgedThere() {
    List<RuleVerdict> verdicts =
        Conformance.run(
            Surroundings.WHOLE_MACHINE, Subject.of(new SampleStrategy(null)), Settings.quick());
    assertThat(verdicts)
        .extracting(RuleVerdict::rule)
        .containsExactly(Rule.R2, Rule.R3, Rule.R4, Rule.R5, Rule.R8, Rule.R9, Rule.R11, Rule.R12);
    assertThat(verdicts).allMatch(v -> v.result() == Result.PASS, "pass");
    assertThat(verdicts).allMatch(v -> v.checks() > 0, "looked at something");
  }

  /** The others break what the machine asks for in a way of its own, or not at all. */
  @ParameterizedTest
  @EnumSource(
      names = {
        "FORGETS_LAST_PAGE",
        "FORGETS_TAIL_BLOCK",
        "NEVER_CLEARS",
        "NEVER_UNCHANGED",
        "LEAKS_PER_SLOT",
        "LEAKS_AT_CLOSE",
        "WORKS_BY_NUMBER"
      })
  void defect_underTheWholeMachine_isRefusedByItsRule(Defect defect) {
    Subject subject = Subject.of(new SampleStrategy(defect));
    RuleVerdict verdict =
        Conformance.judge(Surroundings.WHOLE_MACHINE, defect.rule(), subject, FEW);
    assertThat(verdict.failed()).as(verdict.toString()).isTrue();
    assertThat(verdict.repeat()).startsWith(defect.rule() + " vm=kind=");

    RuleVerdict again = Conformance.repeat(Surroundings.WHOLE_MACHINE, subject, verdict.repeat());
    assertThat(again.failed()).as("repeated: " + verdict.repeat()).isTrue();
  }

  @Test
  void ruleThatIsNotJudgedThere_isRefusedWithThoseThatAre() {
    Subject subject = Subject.of(new SampleStrategy(null));
    assertThatThrownBy(() -> Conformance.judge(Surroundings.WHOLE_MACHINE, Rule.R10, subject, FEW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("R10 is not judged in whole-machine")
        .hasMessageContaining("R2, R3");
  }
}
