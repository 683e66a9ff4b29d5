package dev.broadsheet.lab.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code --cache} and {@code --overlap} take. */
final class RunOptionsTest {
  @ParameterizedTest
  @ValueSource(strings = {"off", "l1=48k/12,l2=2m/16,l3=32m/16", "l1=32k/8,l2=1m/8,l3=16m/16"})
  void cache_isPrintedAsItIsRead(String text) {
    assertThat(CacheOption.format(CacheOption.parse(text))).isEqualTo(text);
  }

  @Test
  void cache_keepsTheLevelsThatAreNotNamed() {
    assertThat(CacheOption.format(CacheOption.parse("l2=1m/8")))
        .isEqualTo("l1=48k/12,l2=1m/8,l3=32m/16");
    assertThat(CacheOption.parse("")).isEqualTo(CacheOption.DEFAULT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"l4=1m", "l1=32", "big", "l1=48k/7", "l1=0k/8", "l1=32k/8,"})
  void cache_thatCannotBe_isRefusedInOneLine(String text) {
    assertThatThrownBy(() -> CacheOption.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", "trace", "seed=7"})
  void overlap_isPrintedAsItIsRead(String text) {
    assertThat(Overlap.parse(text)).hasToString(text);
  }

  @Test
  void overlap_thatIsUnknown_isRefusedWithWhatIsKnown() {
    assertThatThrownBy(() -> Overlap.parse("sometimes"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Unknown --overlap 'sometimes'. Known: off, trace, seed, seed=N.");
  }
}
