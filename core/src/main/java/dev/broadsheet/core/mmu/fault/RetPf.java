package dev.broadsheet.core.mmu.fault;

/** How the handling of a fault ended: KVM's {@code RET_PF_*}. */
public enum RetPf {
  /** Go on with the next step; never a final answer. */
  CONTINUE,
  /** Let the guest fault again. */
  RETRY,
  /** The access has to be emulated: there is no memory, or it may not be written. */
  EMULATE,
  /** The page is write-protected for KVM's own reasons. */
  WRITE_PROTECTED,
  /** The fast path could not help. */
  INVALID,
  /** The entry was made or mended. */
  FIXED,
  /** Somebody else had made the entry already. */
  SPURIOUS,
  /** An error number; see {@link PageFault#errno}. */
  ERROR
}
