package dev.broadsheet.api.support;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memslots that exist, sorted by gfn, each with what a tracker keeps for it.
 *
 * <p>Stands for what KVM has at hand anyway: a fault comes with its slot, and the slot array is
 * KVM's own. So looking a slot up is not counted as work of the strategy.
 *
 * <p>Lookups are lock-free and may run at any time; {@link #add} and {@link #remove} are called by
 * one thread at a time ({@code slots_lock}) and publish a new sorted copy, as KVM does.
 *
 * @param <T> what is kept for each slot
 */
public final class SlotMap<T> {
  private volatile Snapshot<T> snapshot = new Snapshot<>(List.of(), List.of());

  /** Creates a map without slots. */
  public SlotMap() {}

  /** Returns the number of slots. */
  public int size() {
    return snapshot.slots.size();
  }

  /** Returns what is kept for the slot that holds {@code gfn}, or null where no slot is. */
  public @Nullable T find(long gfn) {
    Snapshot<T> now = snapshot;
    int i = now.firstEndingAfter(gfn);
    return i < now.starts.length && now.starts[i] <= gfn ? now.values[i] : null;
  }

  /** Returns the slot that holds {@code gfn}, or null where none is. */
  public @Nullable Memslot slotOf(long gfn) {
    Snapshot<T> now = snapshot;
    int i = now.firstEndingAfter(gfn);
    return i < now.starts.length && now.starts[i] <= gfn ? now.slots.get(i) : null;
  }

  /**
   * Returns the position of the first slot that ends behind {@code gfn}: the one that holds it or
   * the next one; {@link #size()} if there is none.
   */
  public int firstEndingAfter(long gfn) {
    return snapshot.firstEndingAfter(gfn);
  }

  /** Returns the slot at a position from 0, in ascending order of gfns. */
  public Memslot slot(int position) {
    return snapshot.slots.get(position);
  }

  /** Returns what is kept for the slot at a position from 0. */
  public T value(int position) {
    return snapshot.values[position];
  }

  /**
   * Adds a slot.
   *
   * @throws IllegalArgumentException if it overlaps one that exists
   */
  public void add(Memslot slot, T value) {
    Snapshot<T> old = snapshot;
    int at = old.firstEndingAfter(slot.range().start());
    if (at < old.starts.length && old.starts[at] < slot.range().end()) {
      throw new IllegalArgumentException(
          "memslot %d %s overlaps memslot %d %s"
              .formatted(
                  slot.id(), slot.range(), old.slots.get(at).id(), old.slots.get(at).range()));
    }
    List<Memslot> slots = new ArrayList<>(old.slots);
    List<T> values = new ArrayList<>(Arrays.asList(old.values));
    slots.add(at, slot);
    values.add(at, value);
    snapshot = new Snapshot<>(slots, values);
  }

  /**
   * Removes a slot and returns what was kept for it.
   *
   * @throws IllegalArgumentException if no slot has exactly these gfns
   */
  public T remove(Memslot slot) {
    Snapshot<T> old = snapshot;
    GfnRange range = slot.range();
    int at = old.firstEndingAfter(range.start());
    if (at == old.starts.length || !old.slots.get(at).range().equals(range)) {
      throw new IllegalArgumentException(
          "memslot %d %s does not exist".formatted(slot.id(), range));
    }
    List<Memslot> slots = new ArrayList<>(old.slots);
    List<T> values = new ArrayList<>(Arrays.asList(old.values));
    slots.remove(at);
    T removed = values.remove(at);
    snapshot = new Snapshot<>(slots, values);
    return removed;
  }

  /** An immutable state; {@code ends} is sorted, as slots do not overlap. */
  private static final class Snapshot<T> {
    final long[] starts;
    final long[] ends;
    final List<Memslot> slots;

    /** An array, for it is on the way of every look-up. */
    final T[] values;

    Snapshot(List<Memslot> slots, List<T> values) {
      this.starts = slots.stream().mapToLong(slot -> slot.range().start()).toArray();
      this.ends = slots.stream().mapToLong(slot -> slot.range().end()).toArray();
      this.slots = List.copyOf(slots);
      @SuppressWarnings("unchecked") // filled with values of the type and never given away
      T[] copy = (T[]) values.toArray();
      this.values = copy;
    }

    int firstEndingAfter(long gfn) {
      int low = 0;
      int high = ends.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (ends[middle] > gfn) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      return low;
    }
  }
}
