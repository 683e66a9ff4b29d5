package dev.broadsheet.lab.trace.importer;

import dev.broadsheet.lab.trace.AccessType;

/** What one line of a log says; filled again for each line. */
final class LogEvent {
  enum Kind {
    /** A guest access that KVM had to handle. */
    FAULT,
    /** A conversion that was made. */
    CONVERT,
    /** A conversion that the guest asks for; QEMU then makes it and says so again. */
    CONVERT_REQUEST,
    /** A fault that KVM hands to QEMU because the attribute is the other one. */
    ATTRIBUTE_FAULT,
    /** Host memory is taken out of the process: KVM's notifier. */
    UNMAP,
    /** Host memory is discarded: QEMU's own word. */
    DISCARD,
    /** A memslot is made or changed. */
    SLOT,
    /** A page became mapped, so there is memory. */
    LEAF,
    /** Text that a program wrote into the log. */
    MARK,
    /** The log itself lost lines. */
    LOST
  }

  Kind kind = Kind.MARK;
  String name = "";
  boolean timed;
  long nanos;
  int vcpu;
  long gpa;
  long bytes;
  AccessType access = AccessType.READ;
  boolean isPrivate;

  /** Whether the address of a fault carried a shared bit. */
  boolean hasSharedBit;

  long hva;
  int slot;
  int flags;
  int addressSpace;
  String text = "";

  void clear() {
    kind = Kind.MARK;
    name = "";
    timed = false;
    nanos = 0;
    vcpu = 0;
    gpa = 0;
    bytes = 0;
    access = AccessType.READ;
    isPrivate = true;
    hasSharedBit = false;
    hva = 0;
    slot = 0;
    flags = 0;
    addressSpace = 0;
    text = "";
  }
}
