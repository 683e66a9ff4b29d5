package dev.broadsheet.lab.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.EventStream;
import dev.broadsheet.lab.trace.TraceEvent;
import dev.broadsheet.lab.trace.TraceSlot;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class WorkloadsTest {
  @Test
  void list_hasAllPatternsAndPresets() {
    assertThat(Workloads.list())
        .extracting(Workload::id)
        .containsExactly(
            "W1",
            "W2",
            "W3",
            "W4",
            "W5",
            "W6",
            "W7",
            "W8",
            "W9",
            "W10",
            "W11",
            "W12",
            "W13",
            "W14",
            "W15",
            "W16",
            "W17",
            "W18",
            "W19",
            "W20",
            "W21",
            "boot-td-4g",
            "boot-td-old-firmware",
            "boot-snp-eager-128g",
            "steady-net",
            "dpdk",
            "kexec",
            "aging-30d",
            "hostile");
  }

  @Test
  void names_areDistinctAndLeadToTheirWorkload() {
    assertThat(Workloads.list()).extracting(Workload::name).doesNotHaveDuplicates();
    for (Workload workload : Workloads.list()) {
      assertThat(Workloads.find(workload.name())).isSameAs(workload);
      assertThat(Workloads.find(workload.id())).isSameAs(workload);
      assertThat(workload.basis()).isNotBlank();
      assertThat(workload.mapping()).isNotBlank();
    }
  }

  @Test
  void unknownWorkload_isRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> Workloads.parse("W22"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Unknown workload 'W22'. Known: W1, W2, ");
  }

  @Test
  void unknownParameter_isRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> Workloads.parse("W9[vcpu=4]"))
        .hasMessage(
            "Workload W9: There is no parameter 'vcpu'. Known: ram, vcpus, pages, place, seed.");
  }

  @Test
  void valueOutOfRange_isRefusedWithTheRange() {
    assertThatThrownBy(() -> Workloads.parse("W9[pages=5]"))
        .hasMessage("Workload W9: '5' is no value of parameter 'pages'; allowed: 1 to 4 4K pages.");
    assertThatThrownBy(() -> Workloads.parse("W9[place=here]"))
        .hasMessage(
            "Workload W9: 'here' is no value of parameter 'place'; allowed: random|packed.");
    assertThatThrownBy(() -> Workloads.parse("W9[ram=1000]"))
        .hasMessageContaining("allowed: 512m to 4t");
    assertThatThrownBy(() -> Workloads.parse("W9[seed=x]"))
        .hasMessage("Workload W9: 'x' is no seed; give a whole number.");
    assertThatThrownBy(() -> Workloads.parse("W9[pages"))
        .hasMessageStartingWith("Cannot read workload 'W9[pages'");
  }

  @Test
  void title_spellsAllValues_andCanBeParsedAgain() {
    String title = Workloads.parse("per-vcpu-pages[seed=7,ram=2g]").title();

    assertThat(title).isEqualTo("W9[ram=2g,vcpus=8,pages=2,place=random,seed=7]");
    assertThat(Workloads.parse(title).title()).isEqualTo(title);
  }

  @Test
  void seed_changesRandomPlaces() throws IOException {
    assertThat(hash("W9[seed=1]")).isNotEqualTo(hash("W9[seed=2]")).isEqualTo(hash("W9"));
  }

  @Test
  void mutatedSpec_isReadOrRefusedInOneLine() {
    String whole = "W6[ram=4g,align=off-by-one,seed=7]";
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < 3000; i++) {
      StringBuilder text = new StringBuilder(whole);
      for (int n = random.nextInt(4); n >= 0; n--) {
        int at = random.nextInt(text.length());
        if (random.nextBoolean()) {
          text.setCharAt(at, (char) (32 + random.nextInt(95)));
        } else {
          text.insert(at, "0123456789kmgt=,[]".charAt(random.nextInt(18)));
        }
      }
      assertThatCode(
              () -> {
                try {
                  Workloads.parse(text.toString());
                } catch (IllegalArgumentException refused) {
                  assertThat(refused.getMessage()).doesNotContain("\n").isNotBlank();
                }
              })
          .as(text.toString())
          .doesNotThrowAnyException();
    }
  }

  @Test
  void bootTd_hasThePublishedSlots() throws IOException {
    try (EventStream stream = Workloads.parse("boot-td-4g").open()) {
      assertThat(stream.header().slots())
          .isEqualTo(
              ImmutableList.of(
                  new TraceSlot(0, 0x80000L << 12, true, "ram"),
                  new TraceSlot(0xffc00L << 12, 0x400L << 12, false, "pc.bios"),
                  new TraceSlot(0x100000L << 12, 0x80000L << 12, true, "ram")));
    }
  }

  @Test
  void bootTd_hasThePublishedSmallAccepts() throws IOException {
    for (String size : new String[] {"4g", "8g"}) {
      Map<Long, Integer> small = smallAccepts("boot-td-4g[ram=%s]".formatted(size));

      long edge = small.keySet().stream().filter(gfn -> gfn >= 0x806 && gfn <= 0x9ff).count();
      long block = small.keySet().stream().filter(gfn -> gfn >= 0x7e800 && gfn <= 0x7e9ff).count();
      int[] window =
          small.entrySet().stream()
              .filter(entry -> entry.getKey() >= 0x7d3ff && entry.getKey() <= 0x7e7fe)
              .mapToInt(Map.Entry::getValue)
              .sorted()
              .toArray();
      assertThat(edge).isEqualTo(506);
      assertThat(block).isEqualTo(512);
      assertThat(window).endsWith(156, 476, 974);
      assertThat(Arrays.stream(window).sum()).isEqualTo(1692);
      assertThat(small.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(2710);
    }
  }

  @Test
  void bootTd_firmwareAcceptsLowMemoryAt2M_asRecorded() throws IOException {
    long low = 0;
    try (EventStream stream = Workloads.parse("boot-td-4g").open()) {
      TraceEvent event = new TraceEvent();
      while (stream.next(event)) {
        boolean large = event.kind() == EventKind.ACCEPT && event.bytes() == 0x200000;
        low += large && event.gpa() < 1L << 32 ? 1 : 0;
      }
    }
    assertThat(low).isEqualTo(1023); // as many as in the recorded boots of 4 GiB guests
  }

  @Test
  void bouncePool_hasTheRecordedSizes() {
    Values values = Values.of(new BouncePool().parameters());
    long[][] recorded = {{1, 64}, {2, 128}, {4, 256}, {8, 512}, {32, 1024}};
    for (long[] sizes : recorded) {
      GuestShape shape = GuestShape.q35(sizes[0] << 30, 1);
      assertThat(BouncePool.poolBytes(values, shape)).isEqualTo(sizes[1] << 20);
    }
  }

  @Test
  void walk_visitsEachNumberOnce() {
    for (long size = 1; size < 200; size++) {
      Walk walk = new Walk(size, new SplittableRandom(size));
      boolean[] seen = new boolean[(int) size];
      for (long n = 0; n < size; n++) {
        seen[(int) walk.at(n)] = true;
      }
      assertThat(seen).doesNotContain(false);
    }
  }

  private static Map<Long, Integer> smallAccepts(String spec) throws IOException {
    Map<Long, Integer> small = new HashMap<>();
    try (EventStream stream = Workloads.parse(spec).open()) {
      TraceEvent event = new TraceEvent();
      while (stream.next(event)) {
        if (event.kind() == EventKind.ACCEPT && event.bytes() == 0x1000) {
          small.merge(event.gpa() >>> 12, 1, Integer::sum);
        }
      }
    }
    return small;
  }

  private static String hash(String spec) throws IOException {
    return StreamChecker.check(Workloads.parse(spec), true).sha256();
  }
}
