package dev.broadsheet.lab.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Strategies are found on the class path and on the module path, and are the same on both. */
final class ServicesTest {
  private static final String SERVICE = TrackingStrategy.class.getName();
  private static final String FILE = "META-INF/services/" + SERVICE;

  /** Ids are permanent: a name may join this list, none may leave it. */
  private static final List<String> PERMANENT =
      List.of(
          "flat-bitmap",
          "maple-tree",
          "memslot-array",
          "reference",
          "shadow-page-bitmap",
          "small-pages-only",
          "spte-mixed-bit",
          "xarray-lpage-info",
          "xarray-mixed-flag");

  @Test
  void everyStrategy_isFoundById() {
    assertThat(StrategyRegistry.load().all())
        .extracting(TrackingStrategy::id)
        .containsAll(PERMANENT)
        .doesNotHaveDuplicates();
  }

  @Test
  void moduleDescriptors_provideWhatServiceFilesList() throws IOException {
    List<URL> files =
        Collections.list(ServicesTest.class.getClassLoader().getResources(FILE)).stream().toList();
    assertThat(files).hasSizeGreaterThanOrEqualTo(4);
    for (URL file : files) {
      String root = file.toString().substring(0, file.toString().length() - FILE.length());
      assertThat(provided(URI.create(root + "module-info.class").toURL()))
          .as("module-info.class beside %s", file)
          .containsExactlyElementsOf(listed(file));
    }
  }

  private static Set<String> listed(URL file) throws IOException {
    try (InputStream in = file.openStream()) {
      Set<String> names = new TreeSet<>();
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.replaceFirst("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .forEach(names::add);
      return names;
    }
  }

  private static Set<String> provided(URL moduleInfo) throws IOException {
    try (InputStream in = moduleInfo.openStream()) {
      Set<String> names = new TreeSet<>();
      for (ModuleDescriptor.Provides provides : ModuleDescriptor.read(in).provides()) {
        if (provides.service().equals(SERVICE)) {
          names.addAll(provides.providers());
        }
      }
      return names;
    }
  }
}
