package dev.broadsheet.benchmarks;

import com.google.common.collect.ImmutableList;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The figures that were measured when they were last looked at: {@code ratios.json}, by profile and
 * target. Only ratios and bytes are compared, never times.
 */
final class CommittedRatios {
  /**
   * What noise does to a ratio here: the same code in two processes has differed by a factor of two
   * on a busy machine, and by more for one layout of the heap in some twenty. Three measurements in
   * a row that are all beyond this factor are no noise.
   */
  private static final double NOISE = 2.5;

  /** Bytes per operation that a run of few operations shows though none allocates. */
  private static final double NOISE_BYTES = 16;

  private static final Gson JSON = new GsonBuilder().setPrettyPrinting().create();
  private static final TypeToken<TreeMap<String, Map<String, Double>>> SHAPE = new TypeToken<>() {};

  private final Map<String, Map<String, Double>> byProfile;

  private CommittedRatios(Map<String, Map<String, Double>> byProfile) {
    this.byProfile = byProfile;
  }

  /** Reads the file; without one there is nothing to compare with. */
  static CommittedRatios read(Path file) throws IOException {
    return new CommittedRatios(
        Files.exists(file) ? JSON.fromJson(Files.readString(file), SHAPE) : new TreeMap<>());
  }

  /** Returns the figures of a profile by target. */
  Map<String, Double> section(Profile profile) {
    return byProfile.getOrDefault(profile.key(), new TreeMap<>());
  }

  /** Returns the targets whose best figure of this run is worse than committed, beyond noise. */
  ImmutableList<Target> worse(Profile profile, List<Target> targets, Measurements measurements) {
    Map<String, Double> section = section(profile);
    return targets.stream()
        .filter(target -> isWorse(target, section.get(target.id()), measurements))
        .collect(ImmutableList.toImmutableList());
  }

  private static boolean isWorse(
      Target target, @Nullable Double committed, Measurements measurements) {
    if (committed == null) {
      return false;
    }
    ImmutableList<Double> figures = measurements.figures(target);
    return switch (target.unit()) {
      case NANOS -> false;
      case BYTES -> figures.get(0) > committed * NOISE + NOISE_BYTES;
      case RATIO -> figures.stream().allMatch(figure -> target.worse(figure, committed, NOISE));
    };
  }

  /** Returns the figures with those of a run in place of the older ones. */
  CommittedRatios with(Profile profile, List<Target> targets, Measurements measurements) {
    TreeMap<String, Map<String, Double>> all = new TreeMap<>(byProfile);
    TreeMap<String, Double> section = new TreeMap<>(section(profile));
    for (Target target : targets) {
      if (target.unit() != Target.Unit.NANOS) {
        section.put(target.id(), Math.round(measurements.median(target) * 1000) / 1000.0);
      }
    }
    all.put(profile.key(), section);
    return new CommittedRatios(all);
  }

  /** Writes the file. */
  void write(Path file) throws IOException {
    Files.writeString(file, JSON.toJson(byProfile) + "\n");
  }
}
