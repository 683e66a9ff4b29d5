package dev.broadsheet.lab.replay;

import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.spte.SpteFormatter;
import dev.broadsheet.core.mmu.spte.SpteLayout;
import dev.broadsheet.core.mmu.tdp.TdpTree;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes down what the MMU does, in the words of the recordings: equal changes of consecutive
 * entries become one line, and what happens between 3 and 4 GiB, where the guest's code lies, is
 * left out.
 */
final class EventLog implements MmuListener {
  private static final long HIDDEN_START = 0xc0000;
  private static final long HIDDEN_END = 0x100000;
  private static final int MOST_LEVELS = 5;

  private final TdpTree tree;
  private final SpteLayout layout;
  private final boolean hides;
  private final List<String> lines = new ArrayList<>();
  private final long[] tables = new long[MOST_LEVELS + 1];

  /** The run of equal changes that may still grow; its prefix is empty if there is none. */
  private String runPrefix = "";

  private String runSuffix = "";
  private long runStart;
  private long runLast;
  private long runCount;
  private int runLevel;

  /**
   * Creates an empty log.
   *
   * @param tree whose format and reserved bits entries have; the bits that a strategy reserved are
   *     not part of what is written down
   * @param hides whether the guest's code is left out
   */
  EventLog(TdpTree tree, boolean hides) {
    this.tree = tree;
    this.layout = tree.layout();
    this.hides = hides;
  }

  /** Returns what was written since the last call. */
  List<String> take() {
    endRun();
    List<String> taken = List.copyOf(lines);
    lines.clear();
    return taken;
  }

  /** Returns how many tables of a level were made and not unlinked; roots are never unlinked. */
  long tables(int level) {
    return tables[level];
  }

  /** Returns whether a gfn lies where the guest's code is. */
  boolean isHidden(long gfn) {
    return hides && gfn >= HIDDEN_START && gfn < HIDDEN_END;
  }

  private void add(long gfn, String line) {
    if (!isHidden(gfn)) {
      endRun();
      lines.add(line);
    }
  }

  private void addToRun(String prefix, long gfn, int level, String suffix) {
    if (isHidden(gfn)) {
      return;
    }
    long next = runLast + (1L << (9 * (runLevel - 1)));
    if (prefix.equals(runPrefix) && suffix.equals(runSuffix) && level == runLevel && gfn == next) {
      runLast = gfn;
      runCount++;
      return;
    }
    endRun();
    runPrefix = prefix;
    runSuffix = suffix;
    runStart = gfn;
    runLast = gfn;
    runLevel = level;
    runCount = 1;
  }

  private void endRun() {
    if (runPrefix.isEmpty()) {
      return;
    }
    boolean frozen = runPrefix.equals("frz");
    String gfns =
        runCount == 1 && !frozen
            ? Long.toHexString(runStart)
            : Long.toHexString(runStart) + ".." + Long.toHexString(runLast);
    String suffix = frozen ? "n=" + runCount : runSuffix;
    lines.add("%s 0 %s %d %s".formatted(runPrefix, gfns, runLevel, suffix));
    runPrefix = "";
  }

  @Override
  public void pageFault(int vcpu, long gpa, long errorCode) {
    add(gpa >>> 12, "npf gpa=%x error_code=%x".formatted(gpa, errorCode));
  }

  @Override
  public void requested(long gfn, long pfn, int level) {
    add(gfn, "req %x lvl=%d%s".formatted(gfn, level, pfn < 0 ? " noslot" : ""));
  }

  @Override
  public void spteChanged(boolean mirror, long gfn, int level, long old, long now) {
    String before = SpteFormatter.state(layout, old, level, tree.keep());
    String after = SpteFormatter.state(layout, now, level, tree.keep());
    if (before.equals("-") && after.equals("frozen")) {
      addToRun("frz", gfn, level, "");
    } else if (!before.equals(after)) {
      addToRun("chg", gfn, level, before + " > " + after);
    } else if (((old ^ now) & ~tree.keep()) != 0 && Spte.isLeaf(now, level)) {
      addToRun("bits", gfn, level, after + " " + changes(old, now));
    }
  }

  private String changes(long old, long now) {
    List<String> changed = new ArrayList<>();
    if (layout.isAccessed(old) != layout.isAccessed(now)) {
      changed.add(layout.isAccessed(now) ? "+A" : "-A");
    }
    if (layout.isDirty(old) != layout.isDirty(now)) {
      changed.add(layout.isDirty(now) ? "+D" : "-D");
    }
    return changed.isEmpty() ? "other" : String.join(",", changed);
  }

  @Override
  public void leafSet(boolean mirror, long gfn, int level, long spte) {
    add(gfn, "setspte %x lvl=%d %s".formatted(gfn, level, SpteFormatter.permissions(layout, spte)));
  }

  @Override
  public void tableAllocated(boolean mirror, long gfn, int level, boolean root) {
    if (!isHidden(gfn)) {
      tables[level]++;
    }
    add(gfn, "pt+ %x lvl=%d%s".formatted(gfn, level, root ? " root" : ""));
  }

  @Override
  public void tableUnlinked(boolean mirror, long gfn, int level) {
    if (!isHidden(gfn)) {
      tables[level]--;
    }
    add(gfn, "pt- %x lvl=%d".formatted(gfn, level));
  }

  @Override
  public void split(boolean mirror, long gfn, long spte, int level, int errno) {
    add(gfn, "split %x lvl=%d errno=%d".formatted(gfn, level, errno));
  }

  @Override
  public void fastPageFault(long gfn, long old, long now, boolean spurious, boolean fixed) {
    add(gfn, "fastpf %x spurious=%d fixed=%d".formatted(gfn, spurious ? 1 : 0, fixed ? 1 : 0));
  }

  @Override
  public void zapAllFast() {
    endRun();
    lines.add("zap_all_fast");
  }
}
