package dev.broadsheet.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlabLayoutTest {
  @ParameterizedTest
  @CsvSource({
    // object, slab, objects: 22 * 184 = 4048 of 4096; 14 * 576 of 8 KiB are too few, 28 fit 16 KiB
    "184, 4096, 22",
    "256, 4096, 16",
    "576, 16384, 28",
    "8, 4096, 512",
    "4096, 4096, 1",
    "8192, 8192, 1",
    "12288, 16384, 1",
    // 16 objects of 2048 just fill the largest slab; 4104 never reach 16 and get it all the same
    "2048, 32768, 16",
    "4104, 32768, 7",
    // larger than the largest slab: the next power of two
    "40008, 65536, 1",
  })
  void layout_ofObjectSize_packsLikeSlub(int object, int slab, int objects) {
    assertThat(SlabLayout.of(object)).isEqualTo(new SlabLayout(object, slab, objects));
  }

  @ParameterizedTest
  @CsvSource({"0", "-8", "12", "1048584"})
  void layout_ofImpossibleSize_isRefused(int object) {
    assertThatThrownBy(() -> SlabLayout.of(object))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(Integer.toString(object));
  }

  @Test
  void layout_ofEverySize_neverOverflowsItsSlab() {
    for (int object = 8; object <= 65536; object += 8) {
      SlabLayout layout = SlabLayout.of(object);
      assertThat((long) layout.objectsPerSlab() * object).isLessThanOrEqualTo(layout.slabBytes());
      assertThat(layout.slabBytes()).isEqualTo(1 << layout.slabShift());
    }
  }
}
