package dev.broadsheet.lab.newstrategy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;

/**
 * A Maven project with a strategy that works, its conformance test, and a README on the next step.
 *
 * <p>The templates beside this class are complete sources of a strategy called {@code template-id}
 * in a package {@code templatepackage}; the project's names take their place.
 */
public final class StrategyProject {
  private static final Pattern KEBAB_CASE = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
  private static final int LONGEST_NAME = 60;

  private final String id;
  private final String packageName;
  private final String className;

  /**
   * Names a project.
   *
   * @param id of the strategy, in kebab case
   * @throws IllegalArgumentException if it is no id
   */
  public StrategyProject(String id) {
    if (!KEBAB_CASE.matcher(id).matches() || id.length() > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "'%s' is no name for a strategy; give kebab case of at most %d characters, such as hot-pages."
              .formatted(id, LONGEST_NAME));
    }
    this.id = id;
    String joined = id.replace("-", "");
    this.packageName = SourceVersion.isKeyword(joined) ? joined + "tracking" : joined;
    StringBuilder camel = new StringBuilder();
    for (String word : id.split("-", -1)) {
      camel.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
    }
    this.className = camel.toString();
  }

  /** Returns the files by their paths in the project, in the order of a reader. */
  public Map<String, String> files() throws IOException {
    String main = "src/main/java/%s/".formatted(packageName);
    String test = "src/test/java/%s/".formatted(packageName);
    Map<String, String> files = new LinkedHashMap<>();
    files.put("README.md", filled("README.md"));
    files.put("pom.xml", filled("pom.xml"));
    files.put(".gitignore", filled("gitignore"));
    files.put(main + className + "Strategy.java", filled("TemplateStrategy.java"));
    files.put(main + className + "Tracker.java", filled("TemplateTracker.java"));
    files.put(main + "package-info.java", filled("package-info.java"));
    files.put(test + className + "ConformanceTest.java", filled("TemplateConformanceTest.java"));
    return files;
  }

  private String filled(String template) throws IOException {
    String text =
        read(template)
            .replace("templatepackage", packageName)
            .replace("template-id", id)
            .replace("Template", className);
    Properties versions = new Properties();
    try (InputStream in = open("product.properties")) {
      versions.load(in);
    }
    for (String name : versions.stringPropertyNames()) {
      text = text.replace("@" + name + "@", versions.getProperty(name));
    }
    return text;
  }

  private static String read(String template) throws IOException {
    try (InputStream in = open(template)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private static InputStream open(String resource) {
    InputStream in = StrategyProject.class.getResourceAsStream(resource);
    if (in == null) {
      throw new IllegalStateException("the program lacks its template " + resource);
    }
    return in;
  }

  /**
   * Writes the project, whole or not at all.
   *
   * @param target a folder that does not exist yet or is empty; its parent exists
   * @throws IOException if something is there already, or nothing can be written
   */
  public void write(Path target) throws IOException {
    Path folder = target.toAbsolutePath().normalize();
    requireFree(folder, target);
    Path parent = folder.getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw new FileSystemException(target.toString(), null, "its folder does not exist");
    }
    Path beside = Files.createTempDirectory(parent, "." + folder.getFileName() + ".part");
    try {
      for (Map.Entry<String, String> file : files().entrySet()) {
        Path path = beside.resolve(file.getKey());
        Files.createDirectories(path.getParent());
        Files.writeString(path, file.getValue());
      }
      moveInto(folder, beside);
    } finally {
      delete(beside);
    }
  }

  private static void requireFree(Path folder, Path given) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw new FileSystemException(given.toString(), null, "is a file; a folder is written here");
    }
    try (Stream<Path> inside = Files.list(folder)) {
      if (inside.findAny().isPresent()) {
        throw new FileSystemException(
            given.toString(), null, "is not empty, and nothing is overwritten");
      }
    }
  }

  private static void moveInto(Path folder, Path beside) throws IOException {
    Files.createDirectories(folder);
    List<Path> parts;
    try (Stream<Path> inside = Files.list(beside)) {
      parts = inside.sorted().toList();
    }
    for (int i = 0; i < parts.size(); i++) {
      try {
        Files.move(parts.get(i), folder.resolve(parts.get(i).getFileName()));
      } catch (IOException e) {
        for (Path moved : parts.subList(0, i)) {
          delete(folder.resolve(moved.getFileName()));
        }
        throw e;
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> inside = Files.walk(folder)) {
      all = inside.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.deleteIfExists(path);
    }
  }
}
