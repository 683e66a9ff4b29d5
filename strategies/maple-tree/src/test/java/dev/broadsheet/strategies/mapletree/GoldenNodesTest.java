package dev.broadsheet.strategies.mapletree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Nodes beside those that the kernel's own maple tree took for the same coalesced ranges ({@code =
 * maple ... merged}), summed over all conversions of a script. The kernel divides and fills its
 * nodes by other rules, so the counts differ by the percentage that stands here.
 */
class GoldenNodesTest {
  @ParameterizedTest
  @CsvSource({
    "d10-checkerboard.optiond, 2",
    "d19-peak.upstream, 0",
    "r05-4g-holes.optiond, 1",
    "r08-64g-scatter.upstream, 6"
  })
  void script_nodes_areCloseToTheKernels(String script, long percent) throws IOException {
    Rcu rcu = new Rcu();
    boolean absentShared = script.endsWith("upstream");
    MapleTree tree =
        new MapleTree(
            new PlainMemory(rcu), absentShared ? PageAttributes.SHARED : PageAttributes.PRIVATE);
    long ours = 0;
    long kernels = 0;
    int conversions = 0;
    try (BufferedReader lines = open(script)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", -1);
        if (words[0].equals("set")) {
          set(tree, Long.decode(words[1]), Long.decode(words[2]), words[3]);
          rcu.quiescent();
        } else if (line.startsWith("= maple")) {
          ours += tree.nodes();
          kernels += Long.parseLong(words[6]);
          conversions++;
        }
      }
    }
    tree.audit();
    assertThat(conversions).isPositive();
    assertThat(Math.round(100.0 * ours / kernels) - 100)
        .as("%d nodes, the kernel %d", ours, kernels)
        .isEqualTo(percent);
  }

  private static void set(MapleTree tree, long start, long end, String word) {
    if (start >= end) {
      return;
    }
    int value = word.equals("private") ? PageAttributes.PRIVATE : PageAttributes.SHARED;
    if (tree.get(start) == value && tree.lastOfRange(start) >= end - 1) {
      return;
    }
    tree.prepare(start, end - 1, value);
    tree.commit();
  }

  private static BufferedReader open(String script) throws IOException {
    Path file = Path.of("src/test/resources/golden", script + ".vec.gz");
    return new BufferedReader(
        new InputStreamReader(
            new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8));
  }
}
