package dev.broadsheet.lab.runner;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** One run compared with another, fault by fault. */
final class FaultTrailTest {
  @Test
  void differences_areThoseOfTheSameEvents() {
    FaultTrail.Builder mine = new FaultTrail.Builder();
    mine.fault(3, 10, 100);
    mine.fault(3, 2, 20); // a second fault of the same event
    mine.fault(5, 7, 70);
    mine.fault(9, 4, 40); // the other one does not fault here
    FaultTrail.Builder other = new FaultTrail.Builder();
    other.fault(3, 5, 50);
    other.fault(5, 9, 90);
    other.fault(8, 1, 10);

    FaultTrail.Differences lines = mine.build().linesBeyond(other.build());

    // event 3: 12 - 5; event 5: 7 - 9
    assertThat(lines.sorted().asList()).containsExactly(-2L, 7L);
    assertThat(lines.mean()).isEqualTo(2.5);
    assertThat(lines.rank(50)).isEqualTo(-2);
    assertThat(lines.rank(100)).isEqualTo(7);
  }

  @Test
  void eventsThatOverlap_arePutTogether() {
    FaultTrail.Builder mine = new FaultTrail.Builder();
    mine.fault(3, 1, 10);
    mine.fault(4, 5, 50);
    mine.fault(3, 1, 10);

    FaultTrail trail = mine.build();

    assertThat(trail.events().asList()).containsExactly(3L, 4L);
    assertThat(trail.lines().asList()).containsExactly(2, 5);
    assertThat(trail.references().asList()).containsExactly(20, 50);
  }

  @Test
  void withoutFaults_thereIsNothing() {
    FaultTrail none = new FaultTrail.Builder().build();

    assertThat(none.linesBeyond(none).mean()).isZero();
    assertThat(none.referencesBeyond(none).rank(99)).isZero();
  }
}
