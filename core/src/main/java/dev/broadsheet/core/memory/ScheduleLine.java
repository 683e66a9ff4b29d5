package dev.broadsheet.core.memory;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Who took the steps of a schedule, in one line: {@code writer*12,reader*3,writer}. A thread is
 * named with the number of steps that it takes in a row; one step is not numbered.
 */
final class ScheduleLine {
  private int[] threads = new int[16];
  private long[] counts = new long[16];
  private int size;
  private long steps;

  void add(int thread) {
    steps++;
    if (size > 0 && threads[size - 1] == thread) {
      counts[size - 1]++;
      return;
    }
    if (size == threads.length) {
      threads = Arrays.copyOf(threads, 2 * size);
      counts = Arrays.copyOf(counts, 2 * size);
    }
    threads[size] = thread;
    counts[size++] = 1;
  }

  String print(List<String> names) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < size; i++) {
      text.append(i == 0 ? "" : ",").append(names.get(threads[i]));
      if (counts[i] > 1) {
        text.append('*').append(counts[i]);
      }
    }
    return text.toString();
  }

  /**
   * Reads a printed line.
   *
   * @throws IllegalArgumentException naming the part that is not understood
   */
  static ScheduleLine parse(String text, Map<String, Integer> indexes) {
    ScheduleLine parsed = new ScheduleLine();
    for (String part : text.split(",", -1)) {
      int star = part.indexOf('*');
      Integer thread = indexes.get(star < 0 ? part : part.substring(0, star));
      long count = star < 0 ? 1 : count(part.substring(star + 1));
      if (thread == null || count < 1) {
        throw new IllegalArgumentException(
            "schedule part '"
                + part
                + "'; expected NAME or NAME*COUNT with one of "
                + indexes.keySet().stream().sorted().toList());
      }
      parsed.add(thread);
      parsed.counts[parsed.size - 1] += count - 1;
    }
    return parsed;
  }

  /** Returns the number of steps. */
  long steps() {
    return steps;
  }

  /**
   * Chooses as this line says, asked at each step in turn; at its end each thread runs on as long
   * as it can.
   */
  Scheduler.Chooser chooser() {
    return new Scheduler.Chooser() {
      private int part;
      private long taken;

      @Override
      public int choose(Scheduler.Choice choice) {
        if (part == size) {
          return choice.currentRunnable ? choice.current : choice.runnable[0];
        }
        int thread = threads[part];
        for (int i = 0; i < choice.count; i++) {
          if (choice.runnable[i] == thread) {
            if (++taken == counts[part]) {
              part++;
              taken = 0;
            }
            return thread;
          }
        }
        throw new IllegalArgumentException(
            "the schedule does not fit: thread number "
                + (thread + 1)
                + " cannot go on at step "
                + choice.step);
      }
    };
  }

  private static long count(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
