package dev.broadsheet.core.strategy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.TrackingStrategy;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.spi.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginJarsTest {
  private static final String SOURCE =
      """
      package plug;
      import dev.broadsheet.api.*;
      import java.util.Set;
      public final class Plugged implements TrackingStrategy {
        public Plugged() { %s }
        public String id() { return "%s"; }
        public StrategyDescription description() {
          return new StrategyDescription("Plugged", "A test.", "here", Set.of(), Set.of(), 8);
        }
        public PageAttributeTracker create(TrackerContext context) {
          throw new UnsupportedOperationException();
        }
      }
      """;

  @TempDir Path temp;
  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectory(temp.resolve("plugins"));
  }

  @Test
  void load_jarWithProvider_findsIt() throws IOException {
    jar("good.jar", "plugged-one", "", "1", true);

    List<TrackingStrategy> found = PluginJars.load(folder);

    assertThat(found).extracting(TrackingStrategy::id).containsExactly("plugged-one");
  }

  @Test
  void load_twoJarsWithTheSameClassName_keepsThemApart() throws IOException {
    jar("a.jar", "plugged-a", "", "1", true);
    jar("b.jar", "plugged-b", "", "1", true);

    assertThat(PluginJars.load(folder))
        .extracting(TrackingStrategy::id)
        .containsExactly("plugged-a", "plugged-b");
  }

  @Test
  void load_duplicateIdsInTwoJars_namesBothJars() throws IOException {
    jar("a.jar", "plugged", "", "1", true);
    jar("b.jar", "plugged", "", "1", true);

    assertThatThrownBy(() -> StrategyRegistry.loadWithPlugins(folder))
        .isInstanceOf(StrategyLoadException.class)
        .hasMessageContaining("'plugged'")
        .hasMessageContaining("a.jar")
        .hasMessageContaining("b.jar");
  }

  @Test
  void load_jarWithoutProvider_isRefused() throws IOException {
    jar("empty.jar", "plugged", "", "1", false);

    assertThatThrownBy(() -> PluginJars.load(folder))
        .isInstanceOf(StrategyLoadException.class)
        .hasMessageContaining("'empty.jar' provides no strategy");
  }

  @Test
  void load_otherMajorOrNone_isRefused() throws IOException {
    jar("old.jar", "plugged", "", "0", true);
    assertThatThrownBy(() -> PluginJars.load(folder))
        .hasMessageContaining("was built for 'Broadsheet-Api: 0'")
        .hasMessageContaining("offers 'Broadsheet-Api: 1'");

    Files.delete(folder.resolve("old.jar"));
    jar("none.jar", "plugged", "", null, true);
    assertThatThrownBy(() -> PluginJars.load(folder))
        .hasMessageContaining("names no 'Broadsheet-Api'");
  }

  @Test
  void load_providerThatThrows_isNamed() throws IOException {
    jar("bad.jar", "plugged", "if (true) throw new IllegalStateException(\"boom\");", "1", true);

    assertThatThrownBy(() -> PluginJars.load(folder))
        .isInstanceOf(StrategyLoadException.class)
        .hasMessageContaining("plug.Plugged")
        .hasMessageContaining("boom");
  }

  @Test
  void load_missingFolderOrEmptyOrFile_isOneClearLine() throws IOException {
    assertThatThrownBy(() -> PluginJars.load(folder)).hasMessageContaining("holds no JAR");
    assertThatThrownBy(() -> PluginJars.load(temp.resolve("absent")))
        .hasMessageContaining("cannot read");
    Path file = Files.writeString(temp.resolve("file"), "x");
    assertThatThrownBy(() -> PluginJars.load(file)).hasMessageContaining("is not a folder");
    Files.writeString(folder.resolve("text.jar"), "no archive");
    assertThatThrownBy(() -> PluginJars.load(folder)).hasMessageContaining("not a readable JAR");
  }

  private void jar(
      String name, String id, String constructorBody, @Nullable String apiMajor, boolean provider)
      throws IOException {
    Path classes = Files.createTempDirectory(temp, "classes");
    Path source = classes.resolve("Plugged.java");
    Files.writeString(source, SOURCE.formatted(constructorBody, id));
    String path =
        TrackingStrategy.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    int status =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                System.out,
                System.err,
                "-proc:none",
                "-cp",
                path,
                "-d",
                classes.toString(),
                source.toString());
    assertThat(status).isZero();
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    if (apiMajor != null) {
      manifest.getMainAttributes().putValue("Broadsheet-Api", apiMajor);
    }
    try (OutputStream out = Files.newOutputStream(folder.resolve(name));
        JarOutputStream jar = new JarOutputStream(out, manifest)) {
      jar.putNextEntry(new JarEntry("plug/Plugged.class"));
      jar.write(Files.readAllBytes(classes.resolve("plug/Plugged.class")));
      if (provider) {
        jar.putNextEntry(new JarEntry("META-INF/services/dev.broadsheet.api.TrackingStrategy"));
        jar.write("plug.Plugged\n".getBytes(UTF_8));
      }
    }
  }
}
