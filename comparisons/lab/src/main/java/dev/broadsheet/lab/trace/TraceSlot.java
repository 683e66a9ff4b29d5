package dev.broadsheet.lab.trace;

/**
 * One {@code slot:} line of a trace: memory as the guest sees it.
 *
 * @param gpa first byte
 * @param bytes size
 * @param writable whether the guest may write
 * @param name what it is, such as {@code ram}, {@code pc.rom} or {@code pc.bios}
 */
public record TraceSlot(long gpa, long bytes, boolean writable, String name) {
  /** Returns the first byte behind the slot. */
  public long end() {
    return gpa + bytes;
  }

  /** Returns whether the slot is RAM, and not firmware. */
  public boolean isRam() {
    return name.equals("ram");
  }
}
