package dev.broadsheet.core.vm;

import dev.broadsheet.core.host.GuestMemfd;
import dev.broadsheet.core.host.SharedBacking;
import dev.broadsheet.core.memslot.KvmMemslot;
import org.jspecify.annotations.Nullable;

/**
 * What stands behind a memslot.
 *
 * @param slot the slot
 * @param shared user memory, or null where none is mapped
 * @param gmem the guest_memfd, or null
 * @param gmemFirst page of the guest_memfd behind the slot's first gfn
 */
record SlotBacking(
    KvmMemslot slot, @Nullable SharedBacking shared, @Nullable GuestMemfd gmem, long gmemFirst) {
  /** Returns the page of the user mapping behind a gfn. */
  long sharedIndex(long gfn) {
    return shared == null ? -1 : slot.userGfn(gfn) - shared.userPage();
  }

  /** Returns the page of the guest_memfd behind a gfn. */
  long gmemIndex(long gfn) {
    return gfn - slot.start() + gmemFirst;
  }
}
