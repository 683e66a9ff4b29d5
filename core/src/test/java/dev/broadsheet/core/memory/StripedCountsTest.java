package dev.broadsheet.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StripedCountsTest {
  private static final int CELLS = 17;

  @Test
  void sum_afterManyThreadsAdded_isExactForEachCell() throws InterruptedException {
    StripedCounts counts = new StripedCounts(CELLS);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2 * Stripes.COUNT; i++) {
      Thread thread = new Thread(() -> addToAll(counts));
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (int cell = 0; cell < CELLS; cell++) {
      assertThat(counts.sum(cell)).as("cell %d", cell).isEqualTo(1000L * threads.size() * cell);
    }
  }

  private static void addToAll(StripedCounts counts) {
    for (int i = 0; i < 1000; i++) {
      for (int cell = 0; cell < CELLS; cell++) {
        counts.add(cell, cell);
      }
    }
  }

  @Test
  void sum_ofWhatOneThreadAddedAndAnotherTook_isZero() throws InterruptedException {
    StripedCounts counts = new StripedCounts(2);
    counts.add(1, 5);
    Thread other = new Thread(() -> counts.add(1, -5));
    other.start();
    other.join();
    assertThat(counts.sum(1)).isZero();
    assertThat(counts.sum(0)).isZero();
  }
}
