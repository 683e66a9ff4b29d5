package dev.broadsheet.core.memory;

/**
 * Something countable besides memory references that is booked per operation and per hold of a
 * lock: "allocation" (built in), "seamcall". Registered once with {@link MemoryMeter#tally}.
 */
public final class Tally {
  private final String name;
  final int index;

  Tally(String name, int index) {
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
