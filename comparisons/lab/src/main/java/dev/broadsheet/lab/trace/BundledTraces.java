package dev.broadsheet.lab.trace;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The recorded traces that come with the lab, by name. */
public final class BundledTraces {
  /** The trace that a comparison runs when none is named. */
  public static final String DEFAULT = "td-boot-1g-1v";

  private static final ImmutableMap<String, String> SENTENCES =
      ImmutableMap.<String, String>builder()
          .put(DEFAULT, "Linux TD, 1 GiB, 1 vCPU: boot to a shell from an initramfs")
          .put("td-devices-4g-2v", "drivers bound and unbound: many small DMA conversions")
          .put("td-diskboot-4g-8v", "firmware boots GRUB from disk, then systemd")
          .put("td-dynswiotlb-1g-2v", "a bounce pool that overflows and grows at run time")
          .put("td-kexec-2g-1v", "kexec: all shared memory is converted back and shared anew")
          .put("td-redis-2g-2v", "redis-server under redis-benchmark, twice")
          .put("td-redis-ws-1g-1v", "redis with a working-set re-arm every 0.5 s")
          .put("td-systemd-4g-4v", "systemd boot of a Debian userland from ext4")
          .build();

  private BundledTraces() {}

  /** Returns name to one sentence. */
  public static ImmutableMap<String, String> all() {
    return SENTENCES;
  }

  /**
   * Returns the bundled trace with this name, or else the file with this path.
   *
   * @throws NoSuchFileException if there is neither; the message lists the names
   */
  public static Trace find(String nameOrPath) throws NoSuchFileException {
    if (SENTENCES.containsKey(nameOrPath)) {
      return new Bundled(nameOrPath);
    }
    Path path = Path.of(nameOrPath);
    if (!path.toFile().exists()) {
      throw new NoSuchFileException(nameOrPath);
    }
    return new TraceFile(path);
  }

  private record Bundled(String name) implements Trace {
    @Override
    public String title() {
      return name;
    }

    @Override
    public EventStream open() throws IOException {
      InputStream in = BundledTraces.class.getResourceAsStream(name + ".trace.gz");
      if (in == null) {
        throw new IllegalStateException("the bundled trace " + name + " is missing from the JAR");
      }
      return TraceReader.open(name, in);
    }
  }
}
