package dev.broadsheet.core.mmu.tdp;

/** Why leaves are taken away; it changes the books, not the zap. */
public enum ZapReason {
  /** Attributes changed. */
  CONVERSION,
  /** The host's memory manager changed a mapping. */
  NOTIFIER,
  /** Pages of a guest_memfd went. */
  PUNCH,
  /** A memslot went. */
  SLOT,
  /** The worker takes tables back that exist only because of NX huge pages. */
  NX_RECOVERY,
  /** The machine ends. */
  TEARDOWN
}
