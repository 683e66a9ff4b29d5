package dev.broadsheet.strategies.xarray;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.api.TrackerContext;
import java.util.Map;

/**
 * Page attributes in an {@link XArray}: what is not stored has the default, what is stored has the
 * other attributes.
 *
 * <p>Linux stores private pages and leaves shared ones out (a private page is the word 0x11: value
 * 8, shifted); the thread of 2022 also spoke of the reverse.
 */
public final class AttributeXArray {
  /** Which attributes are not stored. */
  public static final StrategyOption ABSENT =
      StrategyOption.choice(
          "absent",
          "What a missing entry means: the machine's initial attributes, private, or shared.",
          "default",
          "private",
          "shared");

  private final XArray array;
  private final int absent;

  /**
   * Creates an array without entries.
   *
   * @param context its options hold a value of {@link #ABSENT}
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException if there is no memory
   */
  public AttributeXArray(TrackerContext context) {
    this.array = new XArray(context.memory());
    this.absent =
        switch (context.options().get(ABSENT)) {
          case "private" -> PageAttributes.PRIVATE;
          case "shared" -> PageAttributes.SHARED;
          default -> context.initialAttributes() & PageAttributes.PRIVATE;
        };
  }

  /** Returns the attributes of a page that is not stored. */
  public int absent() {
    return absent;
  }

  /** Returns the tree itself. */
  public XArray array() {
    return array;
  }

  /** Returns the attributes of a page; lockless. */
  public int get(long gfn) {
    return XaEntry.valueOr(array.load(gfn), absent);
  }

  /**
   * Returns the attributes of a page while nothing changes, fast near the page that was asked for
   * before; {@link XArray#startNear} begins.
   */
  public int getNear(long gfn) {
    return XaEntry.valueOr(array.loadNear(gfn), absent);
  }

  /** As {@link XArray#have}, of pages with these attributes. */
  public boolean have(long from, long to, long stride, int attributes) {
    return array.have(from, to, stride, entry(attributes));
  }

  /** Returns what is stored for these attributes: a value entry, or nothing. */
  public long entry(int attributes) {
    return attributes == absent ? XaEntry.NULL : XaEntry.value(attributes);
  }

  /** Returns the first gfn of {@code [gfn, end)} with other attributes, or {@code end}. */
  public long firstDifference(long gfn, long end, int attributes) {
    return attributes == absent ? array.nextPresent(gfn, end) : array.nextAbsent(gfn, end);
  }

  /** Returns whether all of {@code [start, end)} has the attributes of its first page. */
  public boolean isUniform(long start, long end) {
    return firstDifference(start, end, get(start)) == end;
  }

  /** Returns nodes, the most nodes during the last conversion, bytes, and the kind of the head. */
  public Map<String, Long> gauges() {
    return Map.of(
        "nodes",
        array.nodes(),
        "peak.nodes",
        array.peakNodes(),
        "bytes",
        array.nodes() * XArray.NODE_BYTES,
        "head",
        (long) array.headKind());
  }

  /**
   * Recounts the tree.
   *
   * @throws IllegalStateException if it is not consistent, or holds a place that nobody will use
   */
  public void audit() {
    long reserved = array.audit();
    if (reserved != 0) {
      throw new IllegalStateException(
          "xarray: %d places are reserved and no conversion is under way".formatted(reserved));
    }
  }
}
