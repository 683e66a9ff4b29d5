package dev.broadsheet.lab.newstrategy;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * A local Maven repository for one test: what the user's own holds, by links, and this house's
 * artifacts as {@code mvn install} would put them there. The user's stays as it is.
 */
final class LocalRepository {
  private static final Path HOUSE = Path.of("../..").toAbsolutePath().normalize();

  private final Path root;

  private LocalRepository(Path root) {
    this.root = root;
  }

  static LocalRepository create(Path root) throws IOException {
    Path users =
        Path.of(
            System.getProperty(
                "maven.repo.local", System.getProperty("user.home") + "/.m2/repository"));
    Files.walkFileTree(
        users,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            if (folder.endsWith("dev/broadsheet")) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(root.resolve(users.relativize(folder)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            link(root.resolve(users.relativize(file)), file);
            return FileVisitResult.CONTINUE;
          }
        });
    return new LocalRepository(root);
  }

  private static void link(Path link, Path file) throws IOException {
    try {
      Files.createLink(link, file);
    } catch (IOException | UnsupportedOperationException e) { // another file system
      Files.copy(file, link);
    }
  }

  Path root() {
    return root;
  }

  /** Installs a module of this house; the parent, which has no JAR, by two empty names. */
  void install(String module, String artifact) throws IOException {
    String name = artifact.isEmpty() ? "broadsheet" : artifact;
    String version = requireNonNull(new StrategyProject("any").files().get("pom.xml"));
    version = version.replaceFirst("(?s).*<broadsheet.version>(.*?)</.*", "$1");
    Path place = root.resolve("dev/broadsheet/%s/%s".formatted(name, version));
    Files.createDirectories(place);
    Path home = HOUSE.resolve(module);
    Files.copy(home.resolve("pom.xml"), place.resolve("%s-%s.pom".formatted(name, version)));
    if (!artifact.isEmpty()) {
      pack(home.resolve("target/classes"), place.resolve("%s-%s.jar".formatted(name, version)));
    }
  }

  private static void pack(Path classes, Path jar) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(classes)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out)) {
      for (Path file : files) {
        entries.putNextEntry(new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, entries);
        entries.closeEntry();
      }
    }
  }
}
