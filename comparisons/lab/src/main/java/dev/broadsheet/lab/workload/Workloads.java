package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.api.StrategySpec;
import dev.broadsheet.lab.trace.Trace;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** All workloads that the lab can generate: the patterns W1 to W21, and the presets. */
public final class Workloads {
  private static final ImmutableList<Workload> ALL =
      ImmutableList.of(
          new Workload(new Launch()),
          new Workload(new BuildPages()),
          new Workload(new MmioSweep()),
          new Workload(new FirmwareDma()),
          new Workload(new AcceptMemory()),
          new Workload(new BouncePool()),
          new Workload(new PoolGrowth()),
          new Workload(new CoherentBuffers()),
          new Workload(new PerVcpuPages()),
          new Workload(new ScatteredBuffers()),
          new Workload(new RequestBatches()),
          new Workload(new ConvertedIo()),
          new Workload(new SharedPools()),
          new Workload(new Kexec()),
          new Workload(new DiscardAndReturn()),
          new Workload(new MemoryErrors()),
          new Workload(new InterruptedConversion()),
          new Workload(new Selftest()),
          new Workload(new Adversarial()),
          new Workload(new Races()),
          new Workload(new WideAttributes()),
          new Workload(new BootTd()),
          new Workload(new BootOldFirmware()),
          new Workload(new BootSnpEager()),
          new Workload(new SteadyNet()),
          new Workload(new Dpdk()),
          new Workload(new KexecPreset()),
          new Workload(new Aging()),
          new Workload(new Hostile()));

  private Workloads() {}

  /** Returns all of them: patterns in order, then presets. */
  public static ImmutableList<Workload> list() {
    return ALL;
  }

  /**
   * Returns the workload with an id or a name.
   *
   * @throws IllegalArgumentException if there is none; the message lists what there is
   */
  public static Workload find(String idOrName) {
    for (Workload workload : ALL) {
      if (workload.id().equalsIgnoreCase(idOrName) || workload.name().equals(idOrName)) {
        return workload;
      }
    }
    throw new IllegalArgumentException(
        "Unknown workload '%s'. Known: %s."
            .formatted(idOrName, ALL.stream().map(Workload::id).collect(Collectors.joining(", "))));
  }

  /**
   * Reads {@code W6[ram=4g,align=off-by-one,seed=7]}.
   *
   * @throws IllegalArgumentException if it is malformed, or names an unknown workload or parameter,
   *     or a value that is not allowed; the message says what would do
   */
  public static Trace parse(String text) {
    StrategySpec spec = read(text);
    Map<String, String> given = new HashMap<>(spec.options());
    String seed = given.remove(Workload.SEED);
    Workload workload = find(spec.id());
    if (seed != null && !seed.matches("-?[0-9]{1,18}")) {
      throw new IllegalArgumentException(
          "Workload %s: '%s' is no seed; give a whole number.".formatted(spec.id(), seed));
    }
    return workload.create(given, seed == null ? Workload.DEFAULT_SEED : Long.parseLong(seed));
  }

  private static StrategySpec read(String text) {
    try {
      return StrategySpec.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          String.valueOf(e.getMessage()).replace("read strategy", "read workload"), e);
    }
  }
}
