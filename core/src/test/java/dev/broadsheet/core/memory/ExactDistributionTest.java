package dev.broadsheet.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExactDistributionTest {
  @Test
  void spread_ofNothing_isZero() {
    assertThat(new ExactDistribution().spread()).isEqualTo(Spread.NONE);
  }

  @Test
  void spread_ofRandomValues_isTheNearestRankOfTheSorted() {
    for (long seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      ExactDistribution distribution = new ExactDistribution();
      long[] values = new long[1 + random.nextInt(400)];
      long sum = 0;
      for (int i = 0; i < values.length; i++) {
        values[i] =
            random.nextInt(4) == 0
                ? (long) random.nextInt(1 << 20) * random.nextInt(1 << 20)
                : random.nextInt(100);
        sum += values[i];
        distribution.record(values[i]);
      }
      Arrays.sort(values);
      int n = values.length;
      Spread expected =
          new Spread(
              n,
              sum,
              values[(int) Math.ceil(n * 0.5) - 1],
              values[(int) Math.ceil(n * 0.99) - 1],
              values[n - 1]);
      assertThat(distribution.spread()).as("seed " + seed).isEqualTo(expected);
    }
  }
}
