package dev.broadsheet.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.reflect.ClassPath;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The generated list is what JMH runs: without the annotation processor it would be empty. */
class BenchmarkListTest {
  @Test
  void generatedList_holdsEveryBenchmarkMethod() throws IOException {
    List<String> declared =
        ClassPath.from(BenchmarkListTest.class.getClassLoader())
            .getTopLevelClasses("dev.broadsheet.benchmarks")
            .stream()
            .filter(type -> type.getSimpleName().endsWith("Benchmark"))
            .flatMap(type -> benchmarksOf(type.load()))
            .sorted()
            .toList();
    assertThat(declared).anyMatch(name -> name.endsWith("KernelMemoryBenchmark.plainLongGet"));
    assertThat(generated()).containsExactlyElementsOf(declared);
  }

  @Test
  void subjects_ofAllTargets_areInTheGeneratedList() {
    List<String> generated = generated();
    for (Profile profile : Profile.values()) {
      assertThat(Targets.of(profile))
          .flatExtracting(Target::quantities)
          .extracting(quantity -> "dev.broadsheet.benchmarks." + quantity.subject().method())
          .isNotEmpty()
          .isSubsetOf(generated);
    }
  }

  @Test
  void targets_haveIdsOfTheirOwn() {
    for (Profile profile : Profile.values()) {
      assertThat(Targets.of(profile)).extracting(Target::id).doesNotHaveDuplicates();
    }
  }

  @Test
  void tinyBenchmark_runsOneIteration() throws RunnerException {
    // JMH lets one run at a time use the machine; this one measures nothing.
    System.setProperty("jmh.ignoreLock", "true");
    RunResult result =
        new Runner(
                new OptionsBuilder()
                    .include(Subject.of("KernelMemoryBenchmark.plainLongGet").include())
                    .param("kib", "32")
                    .param("threads", "one")
                    .forks(0)
                    .warmupIterations(0)
                    .measurementIterations(1)
                    .measurementTime(TimeValue.milliseconds(100))
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .runSingle();
    assertThat(result.getPrimaryResult().getSampleCount()).isPositive();
  }

  private static Stream<String> benchmarksOf(Class<?> type) {
    return Arrays.stream(type.getMethods())
        .filter(method -> method.isAnnotationPresent(Benchmark.class))
        .map(Method::getName)
        .map(name -> type.getName() + "." + name);
  }

  private static List<String> generated() {
    OutputFormat silent = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
    return BenchmarkList.defaultList().getAll(silent, List.of()).stream()
        .map(BenchmarkListEntry::getUsername)
        .distinct()
        .sorted()
        .toList();
  }
}
