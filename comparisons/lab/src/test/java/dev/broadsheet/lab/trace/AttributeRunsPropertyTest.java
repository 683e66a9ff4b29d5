package dev.broadsheet.lab.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The oracle against an even plainer truth: one int per page. */
final class AttributeRunsPropertyTest {
  private static final int PAGES = 700;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void randomConversions_agreeWithAnArray(long seed) {
    Random random = new Random(seed);
    int initial = random.nextBoolean() ? 8 : 0;
    int[] truth = new int[PAGES];
    Arrays.fill(truth, initial);
    AttributeRuns runs = new AttributeRuns(initial);
    for (int i = 0; i < 400; i++) {
      int start = random.nextInt(PAGES);
      int end = start + 1 + random.nextInt(Math.min(PAGES - start, 1 << random.nextInt(9)));
      int attributes = random.nextBoolean() ? 8 : 0;
      assertThat(runs.differing(start, end, attributes))
          .isEqualTo(Arrays.stream(truth, start, end).filter(a -> a != attributes).count());
      runs.convert(start, end, attributes);
      Arrays.fill(truth, start, end, attributes);
      check(runs, truth, random);
    }
  }

  private static void check(AttributeRuns runs, int[] truth, Random random) {
    int count = 1;
    for (int gfn = 0; gfn < PAGES; gfn++) {
      assertThat(runs.attributes(gfn)).isEqualTo(truth[gfn]);
      if (gfn > 0 && truth[gfn] != truth[gfn - 1]) {
        count++;
      }
    }
    assertThat(runs.runs()).isGreaterThanOrEqualTo(count).isLessThanOrEqualTo(count + 1);
    int start = random.nextInt(PAGES);
    int end = start + random.nextInt(PAGES - start);
    int expected = start;
    while (expected < end && truth[expected] == 8) {
      expected++;
    }
    assertThat(runs.firstDifference(start, end, 8)).isEqualTo(expected);
  }
}
