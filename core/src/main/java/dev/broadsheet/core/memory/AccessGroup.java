package dev.broadsheet.core.memory;

/**
 * On whose account memory is touched: "tracker", "mmu". Registered once with {@link
 * MemoryMeter#group}. References go to the group that is entered; a line that two groups touch in
 * one operation goes to the first, so that the groups add up to the whole.
 */
public final class AccessGroup {
  private final String name;
  final int index;

  AccessGroup(String name, int index) {
    this.name = name;
    this.index = index;
  }

  /** Returns the name under which it is reported. */
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return name;
  }
}
