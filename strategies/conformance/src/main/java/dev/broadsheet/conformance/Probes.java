package dev.broadsheet.conformance;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Where to look: both sides of each edge, and some gfns between. */
final class Probes {
  private static final int MOST_EDGES = 200;
  private static final int RANDOM_GFNS = 24;

  /** Returns gfns below a limit at which something may go wrong. */
  static List<Long> gfns(TestMachine machine, long limit, long seed) {
    return gfns(machine.truth(), slots(machine.slots()), limit, seed);
  }

  /** Returns gfns below a limit at which something may go wrong with these slots. */
  static List<Long> gfns(Truth truth, List<Memslot> slots, long limit, long seed) {
    Random random = new Random(seed);
    TreeSet<Long> gfns = new TreeSet<>();
    int edges = 0;
    for (long start : truth.starts()) {
      if (edges++ == MOST_EDGES) {
        break;
      }
      around(start, limit, gfns);
    }
    for (GfnRange slot : slots.stream().map(Memslot::range).toList()) {
      around(slot.start(), limit, gfns);
      around(slot.end(), limit, gfns);
      for (int i = 0; i < RANDOM_GFNS; i++) {
        gfns.add(slot.start() + random.nextLong(slot.pages()));
      }
    }
    return new ArrayList<>(gfns);
  }

  /** Returns the slots as trackers see them. */
  static List<Memslot> slots(Memslots slots) {
    List<Memslot> all = new ArrayList<>();
    for (int i = 0; i < slots.table().size(); i++) {
      KvmMemslot slot = slots.table().at(i);
      all.add(slot.slot());
    }
    return all;
  }

  /** Returns the first gfn of each block of a level that a slot touches. */
  static List<Long> blocks(Memslot slot, PageLevel level) {
    List<Long> blocks = new ArrayList<>();
    long first = level.roundDown(slot.range().start());
    for (long block = first; block < slot.range().end(); block += level.pages()) {
      blocks.add(block);
    }
    return blocks;
  }

  private static void around(long gfn, long limit, Set<Long> gfns) {
    for (long near = Math.max(0, gfn - 1); near <= Math.min(gfn, limit - 1); near++) {
      gfns.add(near);
    }
  }

  private Probes() {}
}
