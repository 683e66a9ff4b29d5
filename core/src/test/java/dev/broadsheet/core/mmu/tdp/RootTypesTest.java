package dev.broadsheet.core.mmu.tdp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RootTypesTest {
  /** SHARED is bit 0, PRIVATE bit 1; DIRECT is bit 1, MIRROR bit 2. */
  @ParameterizedTest
  @CsvSource({
    "1, true, 2", "2, true, 4", "3, true, 6",
    "1, false, 2", "2, false, 2", "3, false, 2",
  })
  void of_filter_selectsTrees(int filter, boolean twoTrees, int types) {
    assertThat(RootTypes.of(filter, twoTrees)).isEqualTo(types);
  }

  @Test
  void of_noAlias_isAMistake() {
    assertThatThrownBy(() -> RootTypes.of(0, true)).isInstanceOf(IllegalArgumentException.class);
  }
}
