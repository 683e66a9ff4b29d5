package dev.broadsheet.core.tdx;

import static dev.broadsheet.core.tdx.TdxWorld.GIB;
import static dev.broadsheet.core.tdx.TdxWorld.MIB2;
import static dev.broadsheet.core.tdx.TdxWorld.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptRules;
import dev.broadsheet.core.tdx.sept.SeptState;
import dev.broadsheet.core.tdx.sept.SeptWalk;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random sequences of legal and illegal calls over a few 2M ranges: a failed call changes nothing,
 * a successful one goes where the rules say, every audit holds, teardown returns every page.
 */
final class TdxPropertyTest {
  private static final int STEPS = 1200;
  private static final SeamcallLeaf[] LEAVES = {
    SeamcallLeaf.TDH_MEM_SEPT_ADD,
    SeamcallLeaf.TDH_MEM_SEPT_REMOVE,
    SeamcallLeaf.TDH_MEM_PAGE_AUG,
    SeamcallLeaf.TDH_MEM_PAGE_REMOVE,
    SeamcallLeaf.TDH_MEM_PAGE_DEMOTE,
    SeamcallLeaf.TDH_MEM_PAGE_PROMOTE,
    SeamcallLeaf.TDH_MEM_PAGE_RELOCATE,
    SeamcallLeaf.TDH_MEM_RANGE_BLOCK,
    SeamcallLeaf.TDH_MEM_RANGE_UNBLOCK,
    SeamcallLeaf.TDH_MEM_PAGE_ADD
  };

  private static SeptFunction function(SeamcallLeaf leaf) {
    for (SeptFunction function : SeptFunction.values()) {
      if (function.leafName().equals(leaf.leafName())) {
        return function;
      }
    }
    throw new IllegalArgumentException(leaf.leafName());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 5, 8, 13, 34})
  void randomCalls_keepEveryInvariant(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean running = seed % 2 == 0;
    TdxWorld w = running ? TdxWorld.running() : TdxWorld.building();
    w.tables(0, 1);
    w.module.faults().schedule(seed, 5);
    int successes = 0;
    for (int step = 0; step < STEPS; step++) {
      int choice = random.nextInt(16);
      if (choice < 10) {
        successes += hostCall(w, random, LEAVES[choice], running) ? 1 : 0;
      } else if (choice == 10) {
        w.track();
      } else if (choice == 11 && running) {
        enterAndUse(w, random);
      } else if (choice == 12 && random.nextInt(4) == 0) {
        fill(w, random);
      } else if (choice <= 13) {
        for (int i = 0; i < 8; i++) {
          takeAway(w, random, running); // makes room: full ranges answer errors only
        }
      } else if (choice == 14) {
        merge(w, random, running);
      } else {
        w.call(SeamcallLeaf.TDH_PHYMEM_PAGE_RDMD, hpa(random, 0), 0, 0);
        w.unblock(0, 2); // a blocked root of the ranges would end the walk
        w.tables(0, 1);
      }
      if (step % 50 == 0) {
        w.module.audit();
      }
    }
    assertThat(successes)
        .as("the walk must not be all errors, seed %d", seed)
        .isGreaterThan(running ? STEPS / 30 : STEPS / 10); // a running TD wants blocks first
    w.module.faults().schedule(seed, 0);
    w.close();
  }

  private static long gpa(SplittableRandom random, int level) {
    int[] offsets = {0, 1, 2, 511};
    long range = random.nextInt(4) * MIB2;
    return switch (level) {
      case 0 -> range + offsets[random.nextInt(4)] * PAGE;
      case 1 -> range;
      default -> 0;
    };
  }

  private static long hpa(SplittableRandom random, int level) {
    int[] offsets = {0, 1, 2, 511};
    long range = GIB + random.nextInt(4) * MIB2;
    return level == 0 ? range + offsets[random.nextInt(4)] * PAGE : range;
  }

  private static long snapshot(TdxWorld w) {
    long[] hash = {w.module.td(w.tdr).childCount.get()};
    w.module.visitSept(
        w.tdr, (gpa, level, entry) -> hash[0] = hash[0] * 31 + (gpa ^ level ^ entry * 17));
    w.module.visitPages(
        w.tdr, (hpa, level, type) -> hash[0] = hash[0] * 31 + (hpa ^ level ^ type.value() * 17L));
    return hash[0];
  }

  private static boolean hostCall(
      TdxWorld w, SplittableRandom random, SeamcallLeaf anyLeaf, boolean running) {
    int level = random.nextInt(40) == 0 ? 2 : random.nextInt(2);
    long gpa = gpa(random, level);
    SeptWalk walk = new SeptWalk();
    long before = w.module.septEntry(w.tdr, gpa, level, walk);
    boolean reached = walk.level == level;
    boolean guided = reached && random.nextBoolean();
    SeamcallLeaf leaf = guided ? legalLeaf(random, SeptEntry.state(before)) : anyLeaf;
    boolean needsFrame =
        leaf == SeamcallLeaf.TDH_MEM_SEPT_ADD || leaf == SeamcallLeaf.TDH_MEM_PAGE_DEMOTE;
    long page = needsFrame ? w.world.frame() : hpa(random, level);
    long snapshot = snapshot(w);
    w.regs.r9 = 20 * GIB;
    long status = w.call(leaf, gpa | level, w.tdr, page);
    if (status != 0) {
      assertThat(TdxStatus.of(status)).isNotNull();
      assertThat(snapshot(w)).as("%s: %s", leaf, TdxStatus.describe(status)).isEqualTo(snapshot);
      if (needsFrame) {
        w.world.returnFrame(page);
      }
      return false;
    }
    assertThat(reached).isTrue();
    SeptState from = SeptEntry.state(before);
    SeptState to = w.state(gpa, level);
    SeptFunction function = function(leaf);
    assertThat(SeptRules.nextStates(function, from)).as("%s from %s", leaf, from).contains(to);
    boolean takes =
        switch (function) {
          case PAGE_REMOVE, SEPT_REMOVE, PAGE_DEMOTE, PAGE_PROMOTE, PAGE_RELOCATE -> true;
          default -> false;
        };
    assertThat(!takes || !running || from.isBlocked()).as("%s from %s", leaf, from).isTrue();
    if (function == SeptFunction.SEPT_REMOVE || function == SeptFunction.PAGE_PROMOTE) {
      w.world.returnFrame(w.regs.rcx);
    }
    return true;
  }

  /** Picks a leaf that the rules allow in this state, so that not nearly every call fails. */
  private static SeamcallLeaf legalLeaf(SplittableRandom random, SeptState state) {
    int start = random.nextInt(LEAVES.length);
    for (int i = 0; i < LEAVES.length; i++) {
      SeamcallLeaf leaf = LEAVES[(start + i) % LEAVES.length];
      if (SeptRules.isLegal(function(leaf), state)) {
        return leaf;
      }
    }
    return LEAVES[start];
  }

  private static void enterAndUse(TdxWorld w, SplittableRandom random) {
    long status = w.call(SeamcallLeaf.TDH_VP_ENTER, w.tdvpr, 0, 0);
    for (int i = 0; status == 0 && i < 20 && w.module.isInside(w.tdvpr); i++) {
      int level = random.nextInt(2);
      switch (random.nextInt(4)) {
        case 0 -> w.accept(gpa(random, level), level);
        case 1 -> w.module.access(w.tdvpr, gpa(random, 0), AccessKind.READ, w.regs);
        case 2 -> w.block(gpa(random, level), level);
        default -> w.track();
      }
    }
    if (w.module.isInside(w.tdvpr)) {
      w.module.audit();
      w.kick();
    }
  }

  /** Fills a range with 512 contiguous pages, so that promotion has a chance. */
  private static void fill(TdxWorld w, SplittableRandom random) {
    int range = random.nextInt(4);
    long gpa = range * MIB2;
    long hpa = GIB + random.nextInt(4) * MIB2;
    w.call(SeamcallLeaf.TDH_MEM_SEPT_ADD, gpa | 1, w.tdr, w.world.frame());
    for (int i = 0; i < 512; i++) {
      w.aug(gpa + i * PAGE, 0, hpa + i * PAGE);
    }
  }

  private static void takeAway(TdxWorld w, SplittableRandom random, boolean running) {
    int level = random.nextInt(2);
    long gpa = gpa(random, level);
    if (running) {
      w.block(gpa, level);
      w.track();
    }
    w.remove(gpa, level);
  }

  private static void merge(TdxWorld w, SplittableRandom random, boolean running) {
    long gpa = gpa(random, 1);
    if (running) {
      w.block(gpa, 1);
      w.track();
    }
    if (w.promote(gpa, 1) == 0) {
      w.world.returnFrame(w.regs.rcx);
    } else if (running) {
      w.unblock(gpa, 1);
    }
  }
}
