package dev.broadsheet.lab.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.lab.trace.Trace;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Laws that the stream of every workload obeys. */
final class WorkloadPropertyTest {
  private static final long MOST_EVENTS = 15_000;
  private static final int CASES = 8;

  static Stream<Workload> workloads() {
    return Workloads.list().stream();
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void stream_withDefaults_isWhatAGuestCanDo(Workload workload) throws IOException {
    StreamChecker checker = StreamChecker.check(workload.create(), true, 100_000);

    assertThat(checker.complaints()).isEmpty();
    assertThat(checker.events()).isPositive();
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void stream_withRandomValues_isWhatAGuestCanDoOrIsRefused(Workload workload) throws IOException {
    SplittableRandom random = new SplittableRandom(workload.id().hashCode());
    int ran = 0;
    for (int i = 0; i < CASES; i++) {
      Map<String, String> given = randomValues(workload, random);
      Trace trace;
      try {
        trace = workload.create(given, random.nextLong());
      } catch (IllegalArgumentException refused) {
        assertThat(refused.getMessage())
            .startsWith("Workload " + workload.id() + ": ")
            .doesNotContain("\n");
        continue;
      }
      ran++;
      boolean acceptFirst = given.getOrDefault("before", "0").equals("0");
      StreamChecker checker = StreamChecker.check(trace, acceptFirst, MOST_EVENTS);
      assertThat(checker.complaints()).as(trace.title()).isEmpty();
    }
    assertThat(ran).as("cases that were not refused").isPositive();
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void stream_openedTwice_isTheSame(Workload workload) throws IOException {
    Trace trace = workload.create();
    boolean isLong = workload.isPreset();
    StreamChecker first = StreamChecker.check(trace, true, isLong ? 20_000 : 40_000);
    StreamChecker second = StreamChecker.check(trace, true, isLong ? 20_000 : 40_000);

    assertThat(second.sha256()).isEqualTo(first.sha256());
    assertThat(second.events()).isEqualTo(first.events());
    assertThat(second.attributes().runs()).isEqualTo(first.attributes().runs());
  }

  private static Map<String, String> randomValues(Workload workload, SplittableRandom random) {
    Map<String, String> given = new HashMap<>();
    for (Parameter parameter : workload.parameters()) {
      if (random.nextInt(3) == 0) {
        given.put(parameter.name(), randomText(parameter, random));
      }
    }
    return given;
  }

  private static String randomText(Parameter parameter, SplittableRandom random) {
    return switch (parameter.kind()) {
      case WORD -> {
        String[] words = parameter.range().split("\\|", -1);
        yield words[random.nextInt(words.length)];
      }
      case PERCENT -> Integer.toString(random.nextInt(101));
      case COUNT -> {
        String[] range = parameter.range().split(" to ", -1);
        long least = Long.parseLong(range[0]);
        long most = Long.parseLong(range[1]);
        long near = Math.min(most, 2 * Long.parseLong(parameter.defaultText()) + 3);
        yield Long.toString(least + random.nextLong(near - least + 1));
      }
      case BYTES -> {
        String[] sizes = {"4k", "64k", "2m", "4m", "10m", "48m", "64m", "1g", "3g", "5g"};
        String[] range = parameter.range().split(" to ", -1);
        String text = sizes[random.nextInt(sizes.length)];
        yield random.nextInt(8) == 0 ? range[0] : text;
      }
    };
  }
}
