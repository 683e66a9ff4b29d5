package dev.broadsheet.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LineSetPropertyTest {
  @Test
  void set_underRandomOperations_agreesWithModel() {
    for (long seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      LineSet lines = new LineSet();
      for (int operation = 0; operation < 50; operation++) {
        lines.clear();
        Set<Long> model = new HashSet<>();
        int adds = random.nextInt(8) == 0 ? 20_000 : random.nextInt(700);
        long span = random.nextLong(1, 10_000);
        for (int i = 0; i < adds; i++) {
          long line = (1L << 42) + random.nextLong(span);
          if (lines.add(line) != model.add(line)) {
            throw new AssertionError("seed " + seed + " operation " + operation + " add " + i);
          }
        }
        assertThat(lines.size()).isEqualTo(model.size());
      }
    }
  }

  @Test
  void generations_thatWrap_forgetAllTheSame() {
    LineSet lines = new LineSet();
    for (int i = 0; i < 1_049_576; i++) {
      lines.clear();
      if (!lines.add(5)) {
        throw new AssertionError("line remembered after " + i + " operations");
      }
    }
  }
}
