package dev.broadsheet.core.vm;

import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;

/** The byte that stands for the content of a page, private or shared. */
final class PageContent {
  private final Memslots slots;
  private final SlotBackings backings;

  PageContent(VmParts parts) {
    this.slots = parts.slots;
    this.backings = parts.backings;
  }

  int read(long gfn, boolean isPrivate) {
    KvmMemslot slot = slots.find(gfn);
    if (slot == null) {
      return 0;
    }
    SlotBacking backing = backings.of(slot);
    if (isPrivate) {
      return backing.gmem() == null ? 0 : backing.gmem().readByte(backing.gmemIndex(gfn));
    }
    return backing.shared() == null ? 0 : backing.shared().readByte(backing.sharedIndex(gfn));
  }

  void write(long gfn, boolean isPrivate, int value) {
    KvmMemslot slot = slots.find(gfn);
    if (slot == null) {
      return;
    }
    SlotBacking backing = backings.of(slot);
    if (isPrivate && backing.gmem() != null) {
      backing.gmem().writeByte(backing.gmemIndex(gfn), value);
    } else if (!isPrivate && backing.shared() != null) {
      backing.shared().writeByte(backing.sharedIndex(gfn), value);
    }
  }
}
