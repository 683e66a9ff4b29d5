package dev.broadsheet.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Pages of 2M under the Java heap, for all that is measured. What a kernel takes from its own
 * memory lies in its direct map, which is mapped in 2M and 1G; in pages of 4K a look-up at random
 * would mostly measure the walk of the process's own page tables.
 */
final class HugePages {
  private static final Path ENABLED = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

  private HugePages() {}

  /** Returns the option that asks for them, or none where the system has none to give. */
  static String[] jvmArgs() {
    return isOffered() ? new String[] {"-XX:+UseTransparentHugePages"} : new String[0];
  }

  private static boolean isOffered() {
    try {
      // All modes, the one in force in brackets: always [madvise] never.
      return Files.exists(ENABLED) && !Files.readString(ENABLED).contains("[never]");
    } catch (IOException e) {
      return false;
    }
  }
}
