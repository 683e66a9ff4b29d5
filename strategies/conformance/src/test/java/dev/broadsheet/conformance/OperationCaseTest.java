package dev.broadsheet.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperationCaseTest {
  private static final Subject SUBJECT = Subject.of(new SampleStrategy(null));

  @Test
  void generatedCases_areReadAsTheyAreWritten() {
    for (long seed = 0; seed < 200; seed++) {
      OperationCase made = CaseGenerator.generate(seed, SUBJECT, 20, true);
      assertThat(OperationCase.parse(made.toString())).isEqualTo(made);
      assertThat(CaseGenerator.generate(seed, SUBJECT, 20, true)).isEqualTo(made);
      OperationCase guest = CaseGenerator.generateGuest(seed, 20).on("kind=tdx,merge=fault");
      assertThat(OperationCase.parse(guest.toString())).isEqualTo(guest);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"c8:0x10-0x20", "init=0 q8:0x1-0x2", "init=0 c8", "init=0 +0:0x0-0x1"})
  void caseThatIsNotUnderstood_isRefused(String line) {
    assertThatThrownBy(() -> OperationCase.parse(line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }

  @Test
  void shrinker_keepsWhatFailsAndLittleElse() {
    OperationCase large =
        OperationCase.parse("init=0 +0:0x0-0x400@0x0 c8:0x0-0x100 c0:0x80-0x90 c8:0x200-0x400 -0");
    OperationCase smallest =
        CaseShrinker.shrink(
            large,
            candidate ->
                candidate.operations().stream()
                    .map(Operation::converted)
                    .anyMatch(range -> range != null && range.contains(0x85)));
    assertThat(smallest.operations()).hasSize(1);
    GfnRange left = smallest.operations().get(0).converted();
    assertThat(left).isEqualTo(new GfnRange(0x85, 0x86));
  }

  @Test
  void attributesOfBits_areAllCombinations() {
    assertThat(CaseGenerator.attributes(PageAttributes.PRIVATE)).containsExactly(0, 8);
    assertThat(CaseGenerator.attributes(0b1001)).containsExactly(0, 1, 8, 9);
  }

  @Test
  void truth_underRandomConversions_agreesWithAnArray() {
    for (long seed = 0; seed < 30; seed++) {
      Random random = new Random(seed);
      Truth truth = new Truth(0);
      int[] model = new int[100];
      for (int step = 0; step < 60; step++) {
        int start = random.nextInt(100);
        int end = start + 1 + random.nextInt(100 - start);
        int value = random.nextInt(3);
        truth.set(new GfnRange(start, end), value);
        Arrays.fill(model, start, end, value);
      }
      for (int gfn = 0; gfn < 100; gfn++) {
        assertThat(truth.get(gfn)).as("seed " + seed).isEqualTo(model[gfn]);
      }
      List<Long> starts = List.copyOf(truth.starts());
      for (int i = 1; i < starts.size(); i++) {
        assertThat(truth.get(starts.get(i))).isNotEqualTo(truth.get(starts.get(i - 1)));
      }
    }
  }

  @Test
  void repeatLines_thatAreNotUnderstood_areRefused() {
    assertThatThrownBy(() -> Conformance.repeat(SUBJECT, "R99 init=0"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("R99");
    assertThatThrownBy(() -> Conformance.repeat(SUBJECT, "R9 nowhere a*3"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("straddle");
    assertThatThrownBy(() -> Conformance.repeat(SUBJECT, "R2 vm=kind=tdx init=0 c8:0x1-0x2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("of a whole machine, and was given for alone");
    assertThatThrownBy(
            () -> Conformance.repeat(Surroundings.WHOLE_MACHINE, SUBJECT, "R2 init=0 c8:0x1-0x2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not of a whole machine");
  }
}
