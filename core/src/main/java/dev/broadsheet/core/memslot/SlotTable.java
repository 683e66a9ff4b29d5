package dev.broadsheet.core.memslot;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The memslots at one moment, in ascending order of gfns; never changes, so that a reader keeps one
 * view ({@code kvm_memslots}, protected by SRCU in the kernel).
 */
public final class SlotTable {
  static final SlotTable EMPTY = new SlotTable(new KvmMemslot[0]);

  /** By ascending gfn; ranges do not overlap. */
  private final KvmMemslot[] slots;

  private final long[] starts;

  /** Where the last look-up ended: KVM's {@code last_used_slot}. A stale one is only slower. */
  private @Nullable KvmMemslot lastUsed;

  private SlotTable(KvmMemslot[] slots) {
    this.slots = slots;
    this.starts = Arrays.stream(slots).mapToLong(KvmMemslot::start).toArray();
  }

  /** Returns the number of slots. */
  public int size() {
    return slots.length;
  }

  /** Returns a slot by its position in the order of gfns. */
  public KvmMemslot at(int position) {
    return slots[position];
  }

  /** Returns the slot that holds {@code gfn}, or null. */
  public @Nullable KvmMemslot find(long gfn) {
    KvmMemslot near = lastUsed;
    return near != null && near.holds(gfn) ? near : search(gfn);
  }

  private @Nullable KvmMemslot search(long gfn) {
    int position = lastStartingAtOrBefore(gfn);
    if (position < 0 || !slots[position].holds(gfn)) {
      return null;
    }
    lastUsed = slots[position];
    return slots[position];
  }

  /**
   * Returns the position of the first slot that ends behind {@code gfn}, or {@link #size()}: where
   * a walk over the slots that overlap a range begins.
   */
  public int firstEndingAfter(long gfn) {
    int position = lastStartingAtOrBefore(gfn);
    return position >= 0 && gfn < slots[position].end() ? position : position + 1;
  }

  /** Returns the slot with a number, or null. */
  public @Nullable KvmMemslot byId(int id) {
    for (KvmMemslot slot : slots) {
      if (slot.id() == id) {
        return slot;
      }
    }
    return null;
  }

  private int lastStartingAtOrBefore(long gfn) {
    int low = 0;
    int high = starts.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (starts[middle] <= gfn) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  SlotTable with(KvmMemslot added) {
    int position = firstEndingAfter(added.start());
    KvmMemslot[] more = new KvmMemslot[slots.length + 1];
    System.arraycopy(slots, 0, more, 0, position);
    more[position] = added;
    System.arraycopy(slots, position, more, position + 1, slots.length - position);
    return new SlotTable(more);
  }

  SlotTable without(KvmMemslot removed) {
    return new SlotTable(
        Arrays.stream(slots).filter(slot -> slot != removed).toArray(KvmMemslot[]::new));
  }
}
