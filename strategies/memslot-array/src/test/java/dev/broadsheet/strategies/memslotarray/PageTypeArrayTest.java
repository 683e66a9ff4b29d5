package dev.broadsheet.strategies.memslotarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.PageType;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.MeteredMemory;
import dev.broadsheet.core.memory.PlainMemory;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PageTypeArrayTest {
  @ParameterizedTest
  @CsvSource({"ENUM, 1048576, 2048, 4", "BYTE, 262144, 512, 1", "PACKED, 32768, 128, 1"})
  void bytes_1GiB_areThoseOfTheDesign(Encoding encoding, long pages, long blocks, long largest) {
    MemoryMeter meter = new MemoryMeter();
    MeteredMemory memory = new MeteredMemory(new PlainMemory(), meter);

    PageTypeArray.allocate(memory, "4k", encoding, true, 262144);
    PageTypeArray.allocate(memory, "2m", encoding, false, 512);
    PageTypeArray.allocate(memory, "1g", encoding, false, 1);

    assertThat(meter.footprint("4k").bytes()).isEqualTo(pages);
    assertThat(meter.footprint("2m").bytes()).isEqualTo(blocks);
    assertThat(meter.footprint("1g").bytes()).isEqualTo(largest);
  }

  @ParameterizedTest
  @EnumSource(Encoding.class)
  void blocks_randomFills_answerAsAPlainArray(Encoding encoding) {
    fillAtRandom(PageTypeArray.allocate(new PlainMemory(), "a", encoding, false, 203), true);
  }

  @ParameterizedTest
  @EnumSource(Encoding.class)
  void pages_randomFills_answerAsAPlainArray(Encoding encoding) {
    fillAtRandom(PageTypeArray.allocate(new PlainMemory(), "a", encoding, true, 203), false);
  }

  private static void fillAtRandom(PageTypeArray array, boolean blocks) {
    SplittableRandom random = new SplittableRandom(7);
    int length = (int) array.length();
    PageType[] expected = new PageType[length];
    array.fill(0, length, PageType.SHARED);
    Arrays.fill(expected, PageType.SHARED);
    for (int round = 0; round < 500; round++) {
      int from = random.nextInt(length);
      int to = from + random.nextInt(length - from + 1);
      PageType type = PageType.values()[blocks ? random.nextInt(4) : 1 + random.nextInt(2)];
      if (round % 3 == 0) {
        array.set(from, type);
        expected[from] = type;
      } else {
        array.fill(from, to, type);
        Arrays.fill(expected, from, to, type);
      }
      for (int i = 0; i < length; i++) {
        assertThat(array.get(i)).isEqualTo(expected[i]);
      }
      PageType wanted = PageType.values()[1 + random.nextInt(2)];
      int differs = from;
      while (differs < to && expected[differs] == wanted) {
        differs++;
      }
      assertThat(array.mismatch(from, to, wanted)).isEqualTo(differs);
    }
  }

  @Test
  void packedPage_mixed_isRefused() {
    PageTypeArray pages = PageTypeArray.allocate(new PlainMemory(), "a", Encoding.PACKED, true, 8);

    assertThatThrownBy(() -> pages.set(0, PageType.MIXED))
        .isInstanceOf(IllegalStateException.class);
  }
}
