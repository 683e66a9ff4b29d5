package dev.broadsheet.strategies.xarray;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.memory.FailingMemory;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages and ranges beside a naive array; the tree is audited after every change. */
class XArrayPropertyTest {
  private static final int SPAN = 3 * 4096 + 70;
  private static final long VALUE = XaEntry.value(8);
  private static final long OTHER = XaEntry.value(0);

  private final Rcu rcu = new Rcu();
  private final FailingMemory memory = new FailingMemory(new PlainMemory(rcu));
  private final XArray array = new XArray(memory);
  private final long[] truth = new long[SPAN + 1];

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void pages_reservedStoredReleased_answerAsTheNaiveArray(long seed) {
    Random random = new Random(seed);
    for (int step = 0; step < 250; step++) {
      int from = start(random);
      int to = Math.min(SPAN, from + length(random));
      long entry = random.nextInt(3) == 0 ? XaEntry.NULL : random.nextBoolean() ? VALUE : OTHER;
      memory.failAt(1 + random.nextInt(400));
      try {
        array.reserve(from, to);
        if (random.nextInt(5) == 0) {
          array.release(from, to);
        } else {
          store(from, to, entry, random);
        }
      } catch (KernelOutOfMemoryException e) {
        // Nothing has changed, which is checked below.
      }
      memory.disarm();
      check(random, from, to);
    }
    array.store(0, SPAN, XaEntry.NULL);
    assertThat(array.nodes()).isZero();
    assertThat(array.headKind()).isZero();
  }

  /** Stores in two steps, as a conversion that yields does. */
  private void store(int from, int to, long entry, Random random) {
    int middle = from + random.nextInt(to - from + 1);
    array.store(from, middle, entry);
    array.store(middle, to, entry);
    Arrays.fill(truth, from, to, entry);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void ranges_openedStoredClosed_answerAsTheNaiveArray(long seed) {
    Random random = new Random(seed);
    for (int step = 0; step < 400; step++) {
      int from = start(random);
      int to = Math.min(SPAN, from + length(random));
      long entry = random.nextInt(3) == 0 ? XaEntry.NULL : random.nextBoolean() ? VALUE : OTHER;
      long nodesBefore = array.nodes();
      memory.failAt(1 + random.nextInt(12));
      try {
        array.openRange(from, to, entry);
        if (random.nextInt(5) == 0) {
          array.closeRange(from, to);
          assertThat(array.nodes())
              .as("closed [%d, %d) %d", from, to, entry)
              .isLessThanOrEqualTo(nodesBefore);
        } else {
          array.storeRange(from, to, entry);
          Arrays.fill(truth, from, to, entry);
        }
      } catch (KernelOutOfMemoryException e) {
        assertThat(array.nodes())
            .as("failed [%d, %d) %d", from, to, entry)
            .isLessThanOrEqualTo(nodesBefore);
      }
      memory.disarm();
      check(random, from, to);
    }
    array.openRange(0, SPAN, XaEntry.NULL);
    array.storeRange(0, SPAN, XaEntry.NULL);
    assertThat(array.nodes()).isZero();
  }

  /** Edges that matter: borders of leaves, of nodes above them, and their neighbours. */
  private static int start(Random random) {
    int near =
        switch (random.nextInt(4)) {
          case 0 -> 0;
          case 1 -> 64 * random.nextInt(SPAN / 64);
          case 2 -> 4096 * random.nextInt(3);
          default -> random.nextInt(SPAN);
        };
    return Math.max(0, Math.min(SPAN - 1, near + random.nextInt(3) - 1));
  }

  private static int length(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> 1;
      case 1 -> 1 + random.nextInt(64);
      case 2 -> 64;
      case 3 -> 4096;
      default -> 1 + random.nextInt(SPAN);
    };
  }

  private void check(Random random, int from, int to) {
    rcu.quiescent();
    assertThat(array.audit()).as("reserved places").isZero();
    array.startNear();
    int[] probes = {0, from, to - 1, to, Math.max(0, from - 1), random.nextInt(SPAN), SPAN};
    for (int index : probes) {
      assertThat(array.load(index)).as("0x%x", index).isEqualTo(truth[index]);
      assertThat(array.loadNear(index)).as("near 0x%x", index).isEqualTo(truth[index]);
      int end = Math.min(SPAN, index + 1 + random.nextInt(200));
      assertThat(array.nextPresent(index, end)).as("0x%x", index).isEqualTo(next(index, end, true));
      assertThat(array.nextAbsent(index, end)).as("0x%x", index).isEqualTo(next(index, end, false));
    }
  }

  private int next(int index, int end, boolean present) {
    int next = index;
    while (next < end && (truth[next] != XaEntry.NULL) != present) {
      next++;
    }
    return next;
  }
}
