package dev.broadsheet.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class FreeBlocksTest {
  private final FreeBlocks blocks = new FreeBlocks();

  @Test
  void takeFirst_ofASetThatWasEmpty_beginsAtItsLowest() {
    blocks.add(1000);
    assertThat(blocks.takeFirst()).isEqualTo(1000);
    assertThat(blocks.isEmpty()).isTrue();
    blocks.add(5000);
    blocks.add(70);
    blocks.add(71);
    assertThat(blocks.takeFirst()).isEqualTo(70);
    assertThat(blocks.takeFirst()).isEqualTo(71);
    assertThat(blocks.takeFirst()).isEqualTo(5000);
    assertThat(blocks.isEmpty()).isTrue();
  }

  @Test
  void changes_atRandom_answerAsASortedSet() {
    Random random = new Random(7);
    TreeSet<Integer> truth = new TreeSet<>();
    for (int i = 0; i < 20_000; i++) {
      int number = random.nextInt(1 << random.nextInt(13));
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          blocks.add(number);
          truth.add(number);
        }
        case 2 -> {
          blocks.remove(number);
          truth.remove(number);
        }
        default -> {
          if (!truth.isEmpty()) {
            assertThat(blocks.takeFirst()).isEqualTo(truth.pollFirst());
          }
        }
      }
      assertThat(blocks.isEmpty()).isEqualTo(truth.isEmpty());
      assertThat(blocks.get(number)).isEqualTo(truth.contains(number));
      int to = number + random.nextInt(200);
      assertThat(blocks.hasAny(number, to)).isEqualTo(!truth.subSet(number, to).isEmpty());
    }
  }
}
