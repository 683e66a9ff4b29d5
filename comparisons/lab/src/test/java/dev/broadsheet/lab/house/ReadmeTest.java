package dev.broadsheet.lab.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the pages of the house say must be there, and the code in them must be code that runs. */
final class ReadmeTest {
  private static final Path HOUSE = Path.of("..", "..");
  private static final Path EXAMPLE =
      Path.of("src/test/java/dev/broadsheet/lab/house/EmbeddingExampleTest.java");
  private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]+)[^)\\s]*\\)");

  @Test
  void embeddingExample_isTheTestedSource() throws IOException {
    List<String> source = Files.readAllLines(EXAMPLE);
    int begin = indexOf(source, "// snippet embed");
    int end = indexOf(source, "// snippet end");
    String tested = String.join("\n", source.subList(begin + 1, end)).stripIndent() + "\n}";

    assertThat(Files.readString(HOUSE.resolve("README.md")))
        .contains("```java\n" + tested + "\n```");
  }

  @Test
  void commands_areThoseOfTheContinuousCheck() throws IOException {
    String readme = Files.readString(HOUSE.resolve("README.md"));
    String check = Files.readString(HOUSE.resolve(".ci/run"));

    assertThat(readme).contains("```sh\ncomparisons/broadsheet compare\nmvn verify\n```");
    assertThat(check).containsPattern("mvn( -\\S+)* verify");
    assertThat(check).contains("comparisons/broadsheet compare");
    assertThat(HOUSE.resolve("comparisons/broadsheet")).isExecutable();
    assertThat(HOUSE.resolve(".ci/run")).isExecutable();
  }

  @Test
  void linksAndPictures_leadToFiles() throws IOException {
    int links = 0;
    for (Path page : pages()) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        if (!link.group(1).contains("://")) {
          assertThat(page.resolveSibling(link.group(1))).as("a link in %s", page).exists();
          links++;
        }
      }
    }
    assertThat(links).isGreaterThan(5);
  }

  private static List<Path> pages() {
    return Stream.of(".", "api", "core", "strategies", "comparisons", "comparisons/benchmarks")
        .flatMap(room -> pagesIn(HOUSE.resolve(room)))
        .toList();
  }

  private static Stream<Path> pagesIn(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".md")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int indexOf(List<String> lines, String mark) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).strip().equals(mark)) {
        return i;
      }
    }
    throw new AssertionError("no line '" + mark + "' in " + EXAMPLE);
  }
}
