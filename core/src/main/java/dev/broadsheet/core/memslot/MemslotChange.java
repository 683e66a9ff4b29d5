package dev.broadsheet.core.memslot;

import dev.broadsheet.api.Memslot;

/** What a {@link MemslotRequest} comes to: {@code enum kvm_mr_change}, or an error number. */
public sealed interface MemslotChange {
  /**
   * Refused; nothing is to be done.
   *
   * @param errno the error number, positive
   */
  record Refused(int errno) implements MemslotChange {}

  /** The slot is already what was asked for. */
  record Nothing() implements MemslotChange {}

  /**
   * A new slot.
   *
   * @param slot number, range and user address
   * @param flags its flags
   */
  record Create(Memslot slot, int flags) implements MemslotChange {}

  /**
   * The slot goes.
   *
   * @param old the slot
   */
  record Delete(KvmMemslot old) implements MemslotChange {}

  /**
   * The slot goes to other gfns. Whether it {@linkplain Memslots#fits fits} there is not judged
   * yet: KVM asks that when the old place is invalidated and zapped already.
   *
   * @param old the slot as it is
   * @param slot where it shall be
   * @param flags the flags it shall have
   */
  record Move(KvmMemslot old, Memslot slot, int flags) implements MemslotChange {}

  /**
   * The slot stays and gets other flags.
   *
   * @param old the slot
   * @param flags the flags it shall have
   */
  record FlagsOnly(KvmMemslot old, int flags) implements MemslotChange {}
}
