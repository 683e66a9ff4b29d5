package dev.broadsheet.strategies.xarray;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.ConversionOutcome;
import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.memslot.SlotLpageInfo;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StandaloneContext;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.strategies.xarraylpageinfo.XarrayLpageInfoStrategy;
import dev.broadsheet.strategies.xarraymixedflag.XarrayMixedFlagStrategy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What Linux 6.12 recorded of its own xarray, against ours: nodes, bytes and peak of every
 * conversion, the head, and the answers beside them. {@code -Dgolden=DIR} takes the scripts of a
 * folder instead of the copies in this module.
 */
class GoldenVectorTest {
  static Stream<Path> scripts() throws IOException {
    Path folder = Path.of(System.getProperty("golden", "src/test/resources/golden"));
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".vec.gz")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void script_mixedFlag_answersAsLinuxDid(Path script) throws IOException {
    String absent = script.toString().contains(".upstream.") ? "shared" : "private";
    new Replay(new XarrayMixedFlagStrategy(), "xarray-mixed-flag[absent=" + absent + "]", absent)
        .run(script);
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void script_lpageInfoByPage_hasTheNodesOfLinux(Path script) throws IOException {
    String absent = script.toString().contains(".upstream.") ? "shared" : "private";
    new Replay(new XarrayLpageInfoStrategy(), "xarray-lpage-info[absent=" + absent + "]", absent)
        .run(script);
  }

  /** One script against one tracker. */
  private static final class Replay {
    private final Rcu rcu = new Rcu();
    private final PlainMemory memory = new PlainMemory(rcu);
    private final Memslots slots = new Memslots(Geometry.standard(), /* privateMemory= */ true);
    private final Map<Integer, KvmMemslot> byId = new TreeMap<>();
    private final StandaloneContext context;
    private final PageAttributeTracker tracker;
    private final boolean tracksFlags;
    private long sets;
    private long changed;
    private long highWater;

    Replay(TrackingStrategy strategy, String spec, String initial) {
      StrategyRegistry registry = StrategyRegistry.of(List.of(strategy));
      ConfiguredStrategy configured = registry.configure(spec);
      context =
          StandaloneContext.of(
              memory, rcu, slots, attributes(initial), registry::configure, configured);
      tracker = strategy.create(context);
      tracksFlags = strategy instanceof XarrayMixedFlagStrategy;
    }

    private static int attributes(String word) {
      return word.equals("private") ? PageAttributes.PRIVATE : PageAttributes.SHARED;
    }

    void run(Path script) throws IOException {
      int number = 0;
      String answer = "";
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(
                  new GZIPInputStream(Files.newInputStream(script)), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          number++;
          if (line.startsWith("vec") || line.startsWith("#")) {
            continue;
          }
          if (!line.startsWith("=")) {
            answer = take(line.split(" "));
          } else if (!answer.isEmpty() && comparable(line)) {
            assertThat(answer).as("%s:%d", script.getFileName(), number).isEqualTo(line.strip());
          }
        }
      }
      tracker.audit();
    }

    private static boolean comparable(String line) {
      return line.startsWith("= rc ")
          || line.startsWith("= private ")
          || line.startsWith("= shared ")
          || line.startsWith("= stats ");
    }

    /** Returns the answer in the words of the script, empty if none is compared. */
    private String take(String[] words) {
      return switch (words[0]) {
        case "slot" -> slot(words);
        case "unslot" -> unslot(Integer.parseInt(words[1]));
        case "set" -> set(number(words[1]), number(words[2]), attributes(words[3]));
        case "ioctl" -> ioctl(hex(words[1]), hex(words[2]), hex(words[3]), hex(words[4]));
        case "query" -> query(number(words[1]));
        case "stats" -> stats();
        case "track" -> track(number(words[1]), +1);
        case "untrack" -> track(number(words[1]), -1);
        default -> "";
      };
    }

    private static long hex(String word) {
      return Long.parseUnsignedLong(word.substring(2), 16);
    }

    /** The checks of KVM_SET_MEMORY_ATTRIBUTES, in their order. */
    private String ioctl(long address, long size, long wanted, long flags) {
      boolean invalid =
          flags != 0
              || (wanted & ~PageAttributes.PRIVATE) != 0
              || size == 0
              || Long.compareUnsigned(address + size, address) < 0
              || ((address | size) & 0xfff) != 0;
      return invalid ? set(0, 0, 0) : set(address >>> 12, (address + size) >>> 12, (int) wanted);
    }

    private static long number(String word) {
      return Long.decode(word);
    }

    private String slot(String[] words) {
      GfnRange range = GfnRange.ofPages(number(words[2]), number(words[3]));
      long user = words.length > 4 ? number(words[4]) : range.start();
      Memslot slot = new Memslot(Integer.parseInt(words[1]), range, user);
      KvmMemslot kvm = new KvmMemslot(memory, slot, 0);
      slots.insert(kvm);
      byId.put(slot.id(), kvm);
      tracker.memslotAdded(slot);
      return "";
    }

    private String unslot(int id) {
      KvmMemslot kvm = Objects.requireNonNull(byId.remove(id));
      tracker.memslotRemoved(kvm.slot());
      slots.remove(kvm);
      return "";
    }

    private String set(long start, long end, int attributes) {
      sets++;
      if (start >= end) {
        return "= rc -22 changed 0 nodes %d bytes %d peak %d"
            .formatted(gauge("nodes"), gauge("bytes"), gauge("nodes"));
      }
      ConversionOutcome outcome = tracker.convert(new GfnRange(start, end), attributes);
      rcu.quiescent();
      boolean did = outcome instanceof ConversionOutcome.Converted;
      changed += did ? 1 : 0;
      highWater = Math.max(highWater, gauge("peak.nodes"));
      return "= rc 0 changed %d nodes %d bytes %d peak %d"
          .formatted(did ? 1 : 0, gauge("nodes"), gauge("bytes"), gauge("peak.nodes"));
    }

    private String stats() {
      return "= stats sets %d changed %d nodes %d hwm %d reserved 0 head %d"
          .formatted(sets, changed, gauge("nodes"), highWater, gauge("head"));
    }

    private long gauge(String name) {
      return Objects.requireNonNull(tracker.gauges().get(name));
    }

    private String track(long gfn, int delta) {
      SlotLpageInfo words = Objects.requireNonNull(slots.find(gfn)).lpageInfo();
      if (delta > 0) {
        words.track(gfn);
      } else {
        words.untrack(gfn);
      }
      return "";
    }

    private String query(long gfn) {
      KvmMemslot kvm = slots.find(gfn);
      if (!tracksFlags) {
        return ""; // D counts its own reasons in the same words
      }
      return "= %s slot %s 2M %s 1G %s max %s"
          .formatted(
              PageAttributes.format(tracker.attributes(gfn)),
              kvm == null ? "none" : "" + kvm.id(),
              word(kvm, gfn, PageLevel.PG_LEVEL_2M),
              word(kvm, gfn, PageLevel.PG_LEVEL_1G),
              kvm == null ? "none" : max(gfn).label());
    }

    private String word(@Nullable KvmMemslot kvm, long gfn, PageLevel level) {
      long block = level.roundDown(gfn);
      long end = block + level.pages();
      boolean mixed = tracker.firstDifference(block, end, tracker.attributes(block)) < end;
      String actual = mixed ? "m" : "u";
      if (kvm == null) {
        return "- - " + actual;
      }
      return "%s %d %s"
          .formatted(
              context.lpageInfo().isMixed(gfn, level) ? "m" : "u",
              kvm.lpageInfo().word(gfn, level) & SlotLpageInfo.COUNT,
              actual);
    }

    private PageLevel max(long gfn) {
      PageLevel level = PageLevel.PG_LEVEL_1G;
      while (level != PageLevel.PG_LEVEL_4K && !context.lpageInfo().isAllowed(gfn, level)) {
        level = level.below();
      }
      return level;
    }
  }
}
