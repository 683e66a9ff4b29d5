package dev.broadsheet.core.vm;

/**
 * Told when an operation of the machine begins and ends, so that a meter can bill memory references
 * to it. Operations do not nest, except that a conversion by a guest's exit is its own.
 */
public interface OperationHook {
  /** What is billed. */
  enum Kind {
    /** One nested page fault. */
    FAULT,
    /** One change of attributes. */
    CONVERT,
    /** One change of a memslot. */
    SLOT,
    /** One accept by the guest, with the faults that it causes. */
    ACCEPT
  }

  /** An operation begins. */
  void begin(Kind kind);

  /** The operation that began last ends. */
  void end(Kind kind);
}
