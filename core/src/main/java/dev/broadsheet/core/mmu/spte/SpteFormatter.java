package dev.broadsheet.core.mmu.spte;

import dev.broadsheet.api.PageLevel;

/** Prints entries in words, for errors, traces and tests. */
public final class SpteFormatter {
  private SpteFormatter() {}

  /** Returns the entry in words: {@code leaf 2M pfn=0x1a00 rwx AD}. */
  public static String format(SpteLayout layout, long spte, int level, long keep) {
    StringBuilder text = new StringBuilder(state(layout, spte, level, keep));
    if (Spte.isPresent(spte)) {
      text.append(' ').append(PageLevel.of(level).label());
      text.append(Spte.isLast(spte, level) ? " pfn=0x" : " table=0x");
      text.append(Long.toHexString(Spte.pfn(spte)));
      if (Spte.isLast(spte, level)) {
        text.append(' ').append(permissions(layout, spte));
        text.append(layout.isAccessed(spte) ? " A" : "").append(layout.isDirty(spte) ? " D" : "");
      }
    }
    if ((spte & keep) != 0) {
      text.append(" kept=0x").append(Long.toHexString(spte & keep));
    }
    return text.toString();
  }

  /**
   * Returns {@code -}, {@code frozen}, {@code mmio}, {@code tbl}, {@code leaf.w}, {@code leaf.r}.
   */
  public static String state(SpteLayout layout, long spte, int level, long keep) {
    if (Spte.isPresent(spte)) {
      if (!Spte.isLast(spte, level)) {
        return "tbl";
      }
      return layout.isWritable(spte) ? "leaf.w" : "leaf.r";
    }
    if (Spte.isFrozen(spte, keep)) {
      return "frozen";
    }
    if ((spte & ~keep) == Spte.NONPRESENT) {
      return "-";
    }
    return layout.isMmio(spte, keep) ? "mmio" : "0x" + Long.toHexString(spte);
  }

  /** Returns what the kernel's trace prints: {@code rwxu}, with a dash for what is not allowed. */
  public static String permissions(SpteLayout layout, long spte) {
    return "r"
        + (layout.isWritable(spte) ? "w" : "-")
        + (layout.isExecutable(spte) ? "x" : "-")
        + (layout.isReadable(spte) ? "u" : "-");
  }
}
