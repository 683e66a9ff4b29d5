package dev.broadsheet.api;

import static dev.broadsheet.api.PageLevel.PG_LEVEL_1G;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_256T;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_2M;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_4K;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_512G;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PageLevelTest {
  @Test
  void pages_ofEachLevel_areTheKernelsNumbers() {
    assertThat(PG_LEVEL_4K.pages()).isEqualTo(1);
    assertThat(PG_LEVEL_2M.pages()).isEqualTo(512);
    assertThat(PG_LEVEL_1G.pages()).isEqualTo(262_144);
    assertThat(PG_LEVEL_512G.pages()).isEqualTo(134_217_728);
    assertThat(PG_LEVEL_256T.pages()).isEqualTo(68_719_476_736L);
  }

  @Test
  void rounding_atAndBesideABoundary() {
    assertThat(PG_LEVEL_2M.roundDown(511)).isZero();
    assertThat(PG_LEVEL_2M.roundDown(512)).isEqualTo(512);
    assertThat(PG_LEVEL_2M.roundUp(512)).isEqualTo(512);
    assertThat(PG_LEVEL_2M.roundUp(513)).isEqualTo(1024);
    assertThat(PG_LEVEL_1G.isAligned(262_144)).isTrue();
    assertThat(PG_LEVEL_1G.isAligned(262_143)).isFalse();
    assertThat(PG_LEVEL_2M.block(700)).isEqualTo(new GfnRange(512, 1024));
  }

  @Test
  void index_isNineBitsOfTheGfn() {
    long gfn = (5L << 27) | (6L << 18) | (7L << 9) | 8;

    assertThat(PG_LEVEL_4K.index(gfn)).isEqualTo(8);
    assertThat(PG_LEVEL_2M.index(gfn)).isEqualTo(7);
    assertThat(PG_LEVEL_1G.index(gfn)).isEqualTo(6);
    assertThat(PG_LEVEL_512G.index(gfn)).isEqualTo(5);
    assertThat(PG_LEVEL_256T.index(gfn)).isZero();
  }

  @Test
  void of_unknownNumber_isRefused() {
    assertThat(PageLevel.of(3)).isEqualTo(PG_LEVEL_1G);
    assertThatThrownBy(() -> PageLevel.of(0)).hasMessageContaining("levels are 1 (4K) to 5 (256T)");
    assertThatThrownBy(() -> PageLevel.of(6)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aboveBelowMin_walkTheLadder() {
    assertThat(PG_LEVEL_4K.above()).isEqualTo(PG_LEVEL_2M);
    assertThat(PG_LEVEL_1G.below()).isEqualTo(PG_LEVEL_2M);
    assertThatThrownBy(PG_LEVEL_4K::below).isInstanceOf(IllegalArgumentException.class);
    assertThat(PG_LEVEL_1G.min(PG_LEVEL_2M)).isEqualTo(PG_LEVEL_2M);
    assertThat(PG_LEVEL_2M.min(PG_LEVEL_1G)).isEqualTo(PG_LEVEL_2M);
    assertThat(PG_LEVEL_1G.isMappable()).isTrue();
    assertThat(PG_LEVEL_512G.isMappable()).isFalse();
  }
}
