package dev.broadsheet.core.mmu.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class InvalidationTest {
  @Test
  void covers_union_takesWhatLiesBetweenToo() {
    Invalidation invalidation = new Invalidation(/* union= */ true);
    invalidation.begin();
    invalidation.add(10, 20);
    invalidation.begin();
    invalidation.add(100, 110);

    assertThat(invalidation.covers(50)).isTrue();
    assertThat(invalidation.covers(9)).isFalse();
    assertThat(invalidation.covers(110)).isFalse();
    invalidation.end();
    assertThat(invalidation.covers(15)).as("one window is still open").isTrue();
    invalidation.end();
    assertThat(invalidation.covers(15)).isFalse();
  }

  @Test
  void covers_perRange_leavesTheGapOpen() {
    Invalidation invalidation = new Invalidation(/* union= */ false);
    invalidation.begin();
    for (int i = 0; i < 20; i++) {
      invalidation.add(100L * i, 100L * i + 10);
    }

    assertThat(invalidation.covers(1905)).isTrue();
    assertThat(invalidation.covers(1915)).isFalse();
  }

  @Test
  void mustRetry_windowClosedSince_isStaleAnywhere() {
    Invalidation invalidation = new Invalidation(true);
    long seen = invalidation.sequence();
    invalidation.begin();
    invalidation.add(1, 2);
    assertThat(invalidation.mustRetry(seen, 77)).isFalse();
    invalidation.end();

    assertThat(invalidation.mustRetry(seen, 77)).isTrue();
  }

  @Test
  void end_withoutRange_isABug() {
    Invalidation invalidation = new Invalidation(true);
    assertThatThrownBy(invalidation::end).isInstanceOf(IllegalStateException.class);
    invalidation.begin();
    assertThatThrownBy(invalidation::end).isInstanceOf(IllegalStateException.class);
  }
}
