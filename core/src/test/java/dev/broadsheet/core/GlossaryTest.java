package dev.broadsheet.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The last column of the glossary's table of names holds classes, and members, that exist. */
class GlossaryTest {
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern NAME = Pattern.compile("`([A-Z]\\w+)(?:\\.(\\w+))?`");

  @Test
  void everyClassOfTheTableOfNames_exists() throws IOException {
    Map<String, Path> sources = sources();
    List<String> rows =
        Files.readAllLines(REPOSITORY.resolve("api/GLOSSARY.md")).stream()
            .dropWhile(line -> !line.startsWith("## Names of the posts"))
            .filter(line -> line.startsWith("| ") && !line.startsWith("| in the posts"))
            .toList();
    assertThat(rows).hasSizeGreaterThan(20);
    for (String row : rows) {
      String[] cells = row.split("\\|", -1);
      assertThat(cells).as(row).hasSize(5);
      Matcher names = NAME.matcher(cells[3]);
      int found = 0;
      while (names.find()) {
        found++;
        assertThat(sources).as(row).containsKey(names.group(1));
        if (names.group(2) != null) {
          String member = names.group(2);
          assertThat(Files.readString(sources.get(names.group(1))))
              .as("member %s in the row %s", member, row)
              .containsPattern("\\b" + member + "\\b");
        }
      }
      assertThat(found).as("a class in the row %s", row).isPositive();
    }
  }

  private static Map<String, Path> sources() {
    Map<String, Path> byName = new HashMap<>();
    for (String module : new String[] {"api", "core"}) {
      try (Stream<Path> files = Files.walk(REPOSITORY.resolve(module + "/src/main/java"))) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .forEach(file -> byName.put(file.getFileName().toString().replace(".java", ""), file));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return byName;
  }
}
