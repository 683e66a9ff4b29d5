package dev.broadsheet.lab.newstrategy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.lab.cli.Broadsheet;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * From an empty folder to a row in the report: in process in every build, and with Maven itself
 * where BROADSHEET_MAVEN is set to required.
 */
final class StrategyProjectTest {
  private static final List<String> COMPARE_SMALL =
      List.of("compare", "--quiet", "--workload", "W9", "--strategies", "reference,hot-pages");

  @TempDir private Path folder = Path.of("");

  @Test
  void project_compiledInProcess_keepsAllRulesAndIsCompared() throws IOException {
    Path project = folder.resolve("hot-pages");
    assertThat(Broadsheet.run("new-strategy", "hot-pages", "--out", project.toString())).isZero();

    Path classes = Files.createDirectory(folder.resolve("classes"));
    compile(project, classes);
    Path plugins = Files.createDirectory(folder.resolve("plugins"));
    pack(classes, project, plugins.resolve("hot-pages.jar"));

    assertListedVerifiedAndCompared(plugins);
  }

  /** The generated project's own build, offline, in a local repository of its own. */
  @Test
  @EnabledIfEnvironmentVariable(named = "BROADSHEET_MAVEN", matches = "required")
  void project_builtByMaven_keepsAllRulesAndIsCompared() throws Exception {
    Path project = folder.resolve("hot-pages");
    assertThat(Broadsheet.run("new-strategy", "hot-pages", "--out", project.toString())).isZero();
    LocalRepository repository = LocalRepository.create(folder.resolve("repository"));
    repository.install("", "");
    repository.install("api", "broadsheet-api");
    repository.install("core", "broadsheet-core");
    repository.install("strategies/conformance", "broadsheet-conformance");

    Path log = folder.resolve("maven.log");
    Process maven =
        new ProcessBuilder("mvn", "-B", "-o", "-Dmaven.repo.local=" + repository.root(), "verify")
            .directory(project.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();

    assertThat(maven.waitFor()).as("mvn verify says%n%s", Files.readString(log)).isZero();
    assertThat(Files.readString(log)).contains("Tests run: 20, Failures: 0, Errors: 0");
    assertListedVerifiedAndCompared(project.resolve("target"));
  }

  @Test
  void names_becomeLegalPackagesAndClasses() throws IOException {
    assertThat(new StrategyProject("hot-pages").files())
        .containsKeys(
            "pom.xml",
            "README.md",
            ".gitignore",
            "src/main/java/hotpages/HotPagesTracker.java",
            "src/test/java/hotpages/HotPagesConformanceTest.java");
    assertThat(new StrategyProject("switch").files())
        .containsKey("src/main/java/switchtracking/SwitchStrategy.java");
    for (String text : new StrategyProject("a2-b").files().values()) {
      assertThat(text)
          .doesNotContainIgnoringCase("template")
          .doesNotContain("@broadsheet", "${pro");
    }
  }

  @Test
  void names_thatAreNoIds_areRefused() {
    for (String name : List.of("", "Hot", "hot_pages", "hot-", "-hot", "9lives", "a/b", "..")) {
      assertThatThrownBy(() -> new StrategyProject(name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("kebab case");
    }
    assertThat(Broadsheet.run("new-strategy", "reference", "--out", folder + "/x")).isEqualTo(2);
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @Test
  void write_whereSomethingIs_changesNothing() throws IOException {
    Path mine = Files.writeString(folder.resolve("mine"), "mine");

    assertThatThrownBy(() -> new StrategyProject("hot-pages").write(folder))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("nothing is overwritten");
    assertThatThrownBy(() -> new StrategyProject("hot-pages").write(mine))
        .isInstanceOf(FileSystemException.class);
    assertThatThrownBy(() -> new StrategyProject("hot-pages").write(folder.resolve("no/where")))
        .isInstanceOf(FileSystemException.class);

    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(mine);
    }
  }

  @Test
  void write_intoAnEmptyFolder_leavesNothingBeside() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    new StrategyProject("hot-pages").write(empty);
    assertThat(empty.resolve("pom.xml")).exists();
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(empty);
    }
  }

  private void assertListedVerifiedAndCompared(Path plugins) throws IOException {
    String jars = plugins.toString();
    assertThat(Broadsheet.run("strategies", "--plugins", jars, "hot-pages")).isZero();
    assertThat(Broadsheet.run("verify", "--plugins", jars, "hot-pages")).isZero();
    Path report = folder.resolve("report");
    List<String> compare =
        Stream.concat(
                COMPARE_SMALL.stream(),
                Stream.of("--plugins", jars, "--out", report.toString(), "--format", "csv"))
            .toList();
    assertThat(Broadsheet.run(compare.toArray(String[]::new))).isZero();
    assertThat(report.resolve("results.csv")).content(UTF_8).contains("hot-pages");
  }

  private static void compile(Path project, Path classes) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> sources;
    try (Stream<Path> files = Files.walk(project.resolve("src"))) {
      sources = files.map(Path::toString).filter(name -> name.endsWith(".java")).toList();
    }
    assertThat(sources).hasSize(4);
    String path =
        System.getProperty("java.class.path")
            + System.getProperty("path.separator")
            + System.getProperty("jdk.module.path", "");
    List<String> options =
        List.of("-Xlint:all,-processing,-path", "-cp", path, "-processorpath", path);
    List<String> arguments =
        Stream.of(options, List.of("-d", classes.toString()), sources)
            .flatMap(List::stream)
            .toList();
    int status = compiler.run(null, null, null, arguments.toArray(String[]::new));
    assertThat(status).as("javac").isZero();
    assertThat(classes.resolve("META-INF/services/dev.broadsheet.api.TrackingStrategy"))
        .content(UTF_8)
        .contains("hotpages.HotPagesStrategy");
  }

  /** Packs the classes with the manifest entry of the project's pom. */
  private static void pack(Path classes, Path project, Path jar) throws IOException {
    String pom = Files.readString(project.resolve("pom.xml"));
    String major = pom.replaceFirst("(?s).*<Broadsheet-Api>(\\d+)</Broadsheet-Api>.*", "$1");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Broadsheet-Api", major);
    List<Path> files;
    try (Stream<Path> all = Files.walk(classes)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out, manifest)) {
      for (Path file : files) {
        entries.putNextEntry(new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, entries);
        entries.closeEntry();
      }
    }
  }
}
