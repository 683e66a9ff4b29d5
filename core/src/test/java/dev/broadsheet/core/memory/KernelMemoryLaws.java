package dev.broadsheet.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

/** Laws that every implementation of kernel memory keeps, checked with seeded random operations. */
final class KernelMemoryLaws {
  static void checkArray(KernelMemory memory, ElementWidth width, long seed) {
    Random random = new Random(seed);
    int length = 1 + random.nextInt(300);
    KernelArray array = memory.array("laws", width, length);
    long[] model = new long[length];
    long mask = width.mask();
    assertThat(array.length()).isEqualTo(length);
    assertThat(array.width()).isEqualTo(width);
    for (int step = 0; step < 2000; step++) {
      int i = random.nextInt(length);
      int j = random.nextInt(length + 1);
      long value = random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(3);
      int at = step;
      Supplier<String> what = () -> width + " seed " + seed + " step " + at;
      switch (random.nextInt(9)) {
        case 0 -> {
          array.set(i, value);
          model[i] = value & mask;
        }
        case 1 -> {
          array.setPlain(i, value);
          model[i] = value & mask;
        }
        case 2 -> assertThat(array.get(i)).as(what).isEqualTo(model[i]);
        case 3 -> assertThat(array.getPlain(i)).as(what).isEqualTo(model[i]);
        case 4 -> {
          long expected = random.nextBoolean() ? model[i] : value & mask;
          boolean same = model[i] == expected;
          assertThat(array.compareAndSet(i, expected, ~value)).as(what).isEqualTo(same);
          if (same) {
            model[i] = ~value & mask;
          }
        }
        case 5 -> {
          assertThat(array.getAndAdd(i, value)).as(what).isEqualTo(model[i]);
          model[i] = (model[i] + value) & mask;
        }
        case 6 -> {
          array.fill(Math.min(i, j), Math.max(i, j), value);
          Arrays.fill(model, Math.min(i, j), Math.max(i, j), value & mask);
        }
        default -> {
          int from = Math.min(i, j);
          int to = Math.max(i, j);
          long wanted = from < length ? model[from] : 0;
          int expected = from;
          while (expected < to && model[expected] == wanted) {
            expected++;
          }
          assertThat(array.mismatch(from, to, wanted)).as(what).isEqualTo(expected);
        }
      }
    }
    for (int i = 0; i < length; i++) {
      assertThat(array.get(i)).isEqualTo(model[i]);
    }
    array.free();
  }

  static void checkCache(KernelMemory memory, Rcu rcu, int objectBytes, long seed) {
    Random random = new Random(seed);
    ObjectCache cache = memory.cache("laws", objectBytes);
    int words = objectBytes / Long.BYTES;
    List<long[]> models = new ArrayList<>();
    List<Long> handles = new ArrayList<>();
    Set<Long> live = new HashSet<>();
    Deque<Long> waiting = new ArrayDeque<>();
    assertThat(cache.objectBytes()).isEqualTo(objectBytes);
    for (int step = 0; step < 3000; step++) {
      int number = step;
      Supplier<String> what = () -> objectBytes + " B, seed " + seed + " step " + number;
      int choice = random.nextInt(12);
      if (handles.isEmpty() || choice < 3) {
        long handle = cache.allocate();
        assertThat(handle).as(what).isBetween(1L, (1L << 40) - 1);
        assertThat(live.add(handle)).as(what).isTrue();
        assertThat(waiting).as(what).doesNotContain(handle);
        assertThat(cache.mismatch(handle, 0, words, 0)).as(what).isEqualTo(words);
        handles.add(handle);
        models.add(new long[words]);
        continue;
      }
      int at = random.nextInt(handles.size());
      long handle = handles.get(at);
      long[] model = models.get(at);
      int word = random.nextInt(words);
      long value = random.nextLong();
      switch (choice) {
        case 3 -> {
          cache.free(handle);
          remove(handles, models, live, at);
        }
        case 4 -> {
          cache.freeAfterGrace(handle);
          remove(handles, models, live, at);
          waiting.add(handle);
        }
        case 5 -> {
          if (random.nextInt(10) == 0) {
            rcu.quiescent();
            waiting.clear();
          }
        }
        case 6 -> {
          cache.set(handle, word, value);
          model[word] = value;
        }
        case 7 -> {
          cache.setPlain(handle, word, value);
          model[word] = value;
        }
        case 8 -> {
          assertThat(cache.compareAndSet(handle, word, model[word], value)).as(what).isTrue();
          assertThat(cache.compareAndSet(handle, word, ~value, 0)).as(what).isFalse();
          model[word] = value;
        }
        case 9 -> {
          assertThat(cache.getAndAdd(handle, word, value)).as(what).isEqualTo(model[word]);
          model[word] += value;
        }
        case 10 -> {
          cache.fill(handle, word, words, value);
          Arrays.fill(model, word, words, value);
          assertThat(cache.mismatch(handle, word, words, value)).as(what).isEqualTo(words);
        }
        default -> {
          assertThat(cache.get(handle, word)).as(what).isEqualTo(model[word]);
          assertThat(cache.getPlain(handle, word)).as(what).isEqualTo(model[word]);
        }
      }
      assertThat(cache.live()).as(what).isEqualTo(handles.size());
      assertThat(cache.awaiting()).as(what).isEqualTo(waiting.size());
    }
    for (int at = 0; at < handles.size(); at++) {
      for (int word = 0; word < words; word++) {
        assertThat(cache.get(handles.get(at), word)).isEqualTo(models.get(at)[word]);
      }
    }
  }

  private static void remove(List<Long> handles, List<long[]> models, Set<Long> live, int at) {
    int last = handles.size() - 1;
    live.remove(handles.get(at));
    handles.set(at, handles.get(last));
    models.set(at, models.get(last));
    handles.remove(last);
    models.remove(last);
  }

  private KernelMemoryLaws() {}
}
