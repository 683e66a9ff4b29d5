package dev.broadsheet.core.strategy;

import dev.broadsheet.api.TrackingStrategy;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/**
 * Strategies from a folder of JARs, each in a class loader of its own below ours, so that two
 * plug-ins may bring different releases of the same library.
 */
final class PluginJars {
  /** Manifest attribute that names the major version of the SPI that a plug-in was built for. */
  static final String API_MAJOR_ATTRIBUTE = "Broadsheet-Api";

  /** The major version of the SPI that this release offers. */
  static final String API_MAJOR = "1";

  private PluginJars() {}

  /** Loads every {@code *.jar} of the folder, in the order of their names. */
  static List<TrackingStrategy> load(Path folder) {
    List<TrackingStrategy> found = new ArrayList<>();
    for (Path jar : jarsOf(folder)) {
      checkManifest(jar);
      found.addAll(providersOf(jar));
    }
    return found;
  }

  private static List<Path> jarsOf(Path folder) {
    List<Path> jars;
    try (Stream<Path> files = Files.list(folder)) {
      jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (NotDirectoryException e) {
      throw new StrategyLoadException(
          "Plug-ins: '%s' is not a folder. Give the folder that holds the JARs.".formatted(folder),
          e);
    } catch (IOException e) {
      throw new StrategyLoadException(
          "Plug-ins: cannot read '%s' (%s). Give the folder that holds the JARs."
              .formatted(folder, e.getMessage()),
          e);
    }
    if (jars.isEmpty()) {
      throw new StrategyLoadException(
          "Plug-ins: '%s' holds no JAR. Build the strategy and copy its JAR there."
              .formatted(folder));
    }
    return jars;
  }

  private static void checkManifest(Path jar) {
    String major;
    try (JarFile file = new JarFile(jar.toFile())) {
      Manifest manifest = file.getManifest();
      major = manifest == null ? null : manifest.getMainAttributes().getValue(API_MAJOR_ATTRIBUTE);
    } catch (IOException e) {
      throw new StrategyLoadException(
          "Plug-in '%s' is not a readable JAR (%s). Build it again."
              .formatted(jar.getFileName(), e.getMessage()),
          e);
    }
    if (!API_MAJOR.equals(major)) {
      throw new StrategyLoadException(
          "Plug-in '%s' %s; this release offers '%s: %s'. Build it against this broadsheet-api."
              .formatted(
                  jar.getFileName(),
                  major == null
                      ? "names no '" + API_MAJOR_ATTRIBUTE + "' in its manifest"
                      : "was built for '" + API_MAJOR_ATTRIBUTE + ": " + major + "'",
                  API_MAJOR_ATTRIBUTE,
                  API_MAJOR));
    }
  }

  // The loader stays open: strategies load classes as long as the process runs.
  @SuppressWarnings("resource")
  private static List<TrackingStrategy> providersOf(Path jar) {
    URL url;
    try {
      url = jar.toUri().toURL();
    } catch (IOException e) {
      throw new StrategyLoadException("Plug-in '%s' has no URL.".formatted(jar), e);
    }
    URLClassLoader loader =
        new URLClassLoader(
            "plugin:" + jar.getFileName(), new URL[] {url}, PluginJars.class.getClassLoader());
    List<TrackingStrategy> found =
        StrategyRegistry.fromLoader(ServiceLoader.load(TrackingStrategy.class, loader)).stream()
            .filter(strategy -> strategy.getClass().getClassLoader() == loader)
            .toList();
    if (found.isEmpty()) {
      throw new StrategyLoadException(
          "Plug-in '%s' provides no strategy: META-INF/services/%s is missing or empty. Put @AutoService on"
                  .formatted(jar.getFileName(), TrackingStrategy.class.getName())
              + " the strategy and its processor on the processor path.");
    }
    return found;
  }
}
