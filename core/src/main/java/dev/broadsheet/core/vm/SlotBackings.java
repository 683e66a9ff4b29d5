package dev.broadsheet.core.vm;

import dev.broadsheet.core.memslot.KvmMemslot;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What stands behind each memslot, by its number. Changed under {@code slots_lock}. */
final class SlotBackings {
  private volatile @Nullable SlotBacking[] byId = new SlotBacking[4];

  SlotBacking of(KvmMemslot slot) {
    SlotBacking backing = find(slot.id());
    if (backing == null) {
      throw new IllegalStateException(slot + " has no backing");
    }
    return backing;
  }

  @Nullable SlotBacking find(int id) {
    @Nullable SlotBacking[] all = byId;
    return id < all.length ? all[id] : null;
  }

  void put(SlotBacking backing) {
    int id = backing.slot().id();
    @Nullable SlotBacking[] all = byId;
    @Nullable SlotBacking[] more = Arrays.copyOf(all, Math.max(all.length, id + 1));
    more[id] = backing;
    byId = more;
  }

  void remove(int id) {
    @Nullable SlotBacking[] all = byId;
    @Nullable SlotBacking[] fewer = Arrays.copyOf(all, all.length);
    fewer[id] = null;
    byId = fewer;
  }
}
