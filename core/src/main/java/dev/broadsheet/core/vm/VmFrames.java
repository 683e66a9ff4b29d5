package dev.broadsheet.core.vm;

import dev.broadsheet.api.Frames;
import dev.broadsheet.core.host.GuestMemfd;
import dev.broadsheet.core.host.HostMemory;
import dev.broadsheet.core.host.HostPage;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;

/** Host frames behind private gfns, for strategies that are keyed by frame. */
final class VmFrames implements Frames {
  private final HostMemory host;
  private final Memslots slots;
  private final SlotBackings backings;

  VmFrames(HostMemory host, Memslots slots, SlotBackings backings) {
    this.host = host;
    this.slots = slots;
    this.backings = backings;
  }

  @Override
  public long count() {
    return host.frames();
  }

  @Override
  public long pfn(long gfn) {
    long page = find(gfn);
    return page > 0 ? HostPage.pfn(page) : NONE;
  }

  @Override
  public int folioOrder(long gfn) {
    long page = find(gfn);
    return page > 0 ? HostPage.order(page) : 0;
  }

  private long find(long gfn) {
    KvmMemslot slot = slots.find(gfn);
    if (slot == null) {
      return 0;
    }
    SlotBacking backing = backings.find(slot.id());
    GuestMemfd gmem = backing == null ? null : backing.gmem();
    return gmem == null || backing == null ? 0 : gmem.find(backing.gmemIndex(gfn));
  }
}
