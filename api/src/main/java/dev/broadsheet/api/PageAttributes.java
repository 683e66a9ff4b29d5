package dev.broadsheet.api;

/**
 * Attribute bits of one 4 KiB page, as {@code KVM_SET_MEMORY_ATTRIBUTES} takes them.
 *
 * <p>Only {@link #PRIVATE} exists in Linux today; the three bits below it were left free there for
 * per-page permissions, and stay free here for the same use. A strategy declares in {@link
 * StrategyDescription#attributeBits()} which bits it can keep, and rejects the others.
 */
public final class PageAttributes {
  /** No bit: the page is shared. */
  public static final int SHARED = 0;

  /** Bit 0, not in Linux yet: the guest may read. */
  public static final int READ = 1 << 0;

  /** Bit 1, not in Linux yet: the guest may write. */
  public static final int WRITE = 1 << 1;

  /** Bit 2, not in Linux yet: the guest may execute. */
  public static final int EXECUTE = 1 << 2;

  /** Bit 3, {@code KVM_MEMORY_ATTRIBUTE_PRIVATE}: encrypted, mapped by the Secure EPT. */
  public static final int PRIVATE = 1 << 3;

  private PageAttributes() {}

  /** Returns whether the bits say private. */
  public static boolean isPrivate(int attributes) {
    return (attributes & PRIVATE) != 0;
  }

  /** Returns the type of a page or of a uniform block with these attributes. */
  public static PageType type(int attributes) {
    return isPrivate(attributes) ? PageType.PRIVATE : PageType.SHARED;
  }

  /**
   * Returns the bits in words: {@code shared}, {@code private}, with {@code +r}, {@code +w}, {@code
   * +x}.
   */
  public static String format(int attributes) {
    StringBuilder text = new StringBuilder(isPrivate(attributes) ? "private" : "shared");
    if ((attributes & READ) != 0) {
      text.append("+r");
    }
    if ((attributes & WRITE) != 0) {
      text.append("+w");
    }
    if ((attributes & EXECUTE) != 0) {
      text.append("+x");
    }
    int unknown = attributes & ~(READ | WRITE | EXECUTE | PRIVATE);
    return unknown == 0
        ? text.toString()
        : text.append("+0x").append(Integer.toHexString(unknown)).toString();
  }
}
