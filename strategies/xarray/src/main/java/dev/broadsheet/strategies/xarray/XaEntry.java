package dev.broadsheet.strategies.xarray;

/**
 * What a slot holds, told apart by its lowest bits as in the kernel.
 *
 * <pre>{@code
 * 0                    nothing
 * (v << 1) | 1         the value v
 * (s << 2) | 2         s < 63: sibling, the entry is in slot s of the same node
 * (257 << 2) | 2       zero entry: reserved; reads as nothing, keeps its node
 * (h + 1024 << 2) | 2  node with the handle h
 * }</pre>
 */
public final class XaEntry {
  /** Nothing is stored. */
  public static final long NULL = 0;

  /** Reserved: reads as nothing, keeps its node alive. */
  public static final long ZERO = internal(257);

  /** Every internal entry above this is a node, as the kernel's pointers are above 4096. */
  private static final long NODES_ABOVE = 4096;

  private static final long HANDLE_BIAS = 1024;

  private XaEntry() {}

  /** Returns the entry of a value of at most 63 bits. */
  public static long value(long v) {
    return v << 1 | 1;
  }

  /** Returns the value of a value entry. */
  public static long valueOf(long entry) {
    return entry >>> 1;
  }

  /** Returns whether the entry is a value. */
  public static boolean isValue(long entry) {
    return (entry & 1) != 0;
  }

  /**
   * Returns the value of a value entry, and another for {@link #NULL}. It has no branch: which page
   * of a guest is stored no processor foresees, and a wrong guess would end what it does ahead.
   */
  static int valueOr(long entry, int missing) {
    int isMissing = ((int) entry & 1) - 1;
    return (int) valueOf(entry) | (missing & isMissing);
  }

  /** Returns whether the entry is neither a value nor {@link #NULL}. */
  static boolean isInternal(long entry) {
    return (entry & 3) == 2;
  }

  static boolean isNode(long entry) {
    return !isValue(entry) && entry > NODES_ABOVE;
  }

  static long node(long handle) {
    return internal(handle + HANDLE_BIAS);
  }

  static long handle(long entry) {
    return (entry >>> 2) - HANDLE_BIAS;
  }

  static boolean isSibling(long entry) {
    return isInternal(entry) && entry < internal(XaNodes.SLOTS - 1);
  }

  static long sibling(int slot) {
    return internal(slot);
  }

  static int slotOf(long sibling) {
    return (int) (sibling >>> 2);
  }

  /**
   * Returns whether a slot with this entry answers a value: it has one or names the one that has.
   */
  static boolean isPresent(long entry) {
    return isValue(entry) || isSibling(entry);
  }

  private static long internal(long number) {
    return number << 2 | 2;
  }
}
