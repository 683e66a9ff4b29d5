package dev.broadsheet.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GfnRangePropertyTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 20_220_714})
  void intersection_isWhatBothContain(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      GfnRange a = range(random);
      GfnRange b = range(random);
      GfnRange both = a.intersection(b);
      long count = 0;
      for (long gfn = 0; gfn < 64; gfn++) {
        boolean inBoth = a.contains(gfn) && b.contains(gfn);
        assertThat(both != null && both.contains(gfn))
            .as("%s, %s, gfn %s", a, b, gfn)
            .isEqualTo(inBoth);
        count += inBoth ? 1 : 0;
      }
      assertThat(both == null ? 0 : both.pages()).isEqualTo(count);
      assertThat(a.overlaps(b)).isEqualTo(count > 0);
      assertThat(a.contains(b)).isEqualTo(count == b.pages());
    }
  }

  @Test
  void constructor_emptyReversedOrBeyondTheLimit_isRefused() {
    assertThatThrownBy(() -> new GfnRange(5, 5)).hasMessageContaining("[0x5, 0x5)");
    assertThatThrownBy(() -> new GfnRange(6, 5)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new GfnRange(-1, 5)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new GfnRange(0, (1L << 52) + 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(new GfnRange(0, 1L << 52).pages()).isEqualTo(1L << 52);
  }

  private static GfnRange range(Random random) {
    long start = random.nextInt(63);
    return GfnRange.ofPages(start, 1 + random.nextInt((int) (63 - start) + 1));
  }
}
