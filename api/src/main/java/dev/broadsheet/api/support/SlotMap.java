package dev.broadsheet.api.support;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import java.util.ArrayList;
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
  private volatile Snapshot<T> snapshot = new Snapshot<>(List.of());

  /** Creates a map without slots. */
  public SlotMap() {}

  /** Returns the number of slots. */
  public int size() {
    return snapshot.entries.size();
  }

  /** Returns what is kept for the slot that holds {@code gfn}, or null where no slot is. */
  public @Nullable T find(long gfn) {
    Entry<T> entry = snapshot.find(gfn);
    return entry == null ? null : entry.value;
  }

  /** Returns the slot that holds {@code gfn}, or null where none is. */
  public @Nullable Memslot slotOf(long gfn) {
    Entry<T> entry = snapshot.find(gfn);
    return entry == null ? null : entry.slot;
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
    return snapshot.entries.get(position).slot;
  }

  /** Returns what is kept for the slot at a position from 0. */
  public T value(int position) {
    return snapshot.entries.get(position).value;
  }

  /**
   * Adds a slot.
   *
   * @throws IllegalArgumentException if it overlaps one that exists
   */
  public void add(Memslot slot, T value) {
    Snapshot<T> old = snapshot;
    int at = old.firstEndingAfter(slot.range().start());
    if (at < old.entries.size() && old.entries.get(at).start < slot.range().end()) {
      Memslot other = old.entries.get(at).slot;
      throw new IllegalArgumentException(
          "memslot %d %s overlaps memslot %d %s"
              .formatted(slot.id(), slot.range(), other.id(), other.range()));
    }
    List<Entry<T>> entries = new ArrayList<>(old.entries);
    entries.add(at, new Entry<>(slot, value));
    snapshot = new Snapshot<>(entries);
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
    if (at == old.entries.size() || !old.entries.get(at).slot.range().equals(range)) {
      throw new IllegalArgumentException(
          "memslot %d %s does not exist".formatted(slot.id(), range));
    }
    List<Entry<T>> entries = new ArrayList<>(old.entries);
    Entry<T> removed = entries.remove(at);
    snapshot = new Snapshot<>(entries);
    return removed.value;
  }

  /** A slot with what is kept for it, and its bounds at hand: every look-up compares them. */
  private static final class Entry<T> {
    final long start;
    final long end;
    final Memslot slot;
    final T value;

    Entry(Memslot slot, T value) {
      this.start = slot.range().start();
      this.end = slot.range().end();
      this.slot = slot;
      this.value = value;
    }
  }

  /** An immutable state, but for what it remembers. */
  private static final class Snapshot<T> {
    final List<Entry<T>> entries;

    /** Sorted, as slots do not overlap. */
    private final long[] ends;

    /**
     * Where the last look-up of any thread ended, as KVM remembers it. A plain field will do: an
     * entry never changes, and one that another thread stored is as good as any.
     */
    private @Nullable Entry<T> lastUsed;

    Snapshot(List<Entry<T>> entries) {
      this.entries = List.copyOf(entries);
      this.ends = entries.stream().mapToLong(entry -> entry.end).toArray();
    }

    @Nullable Entry<T> find(long gfn) {
      Entry<T> near = lastUsed;
      return near != null && near.start <= gfn && gfn < near.end ? near : search(gfn);
    }

    private @Nullable Entry<T> search(long gfn) {
      int i = firstEndingAfter(gfn);
      if (i == ends.length || entries.get(i).start > gfn) {
        return null;
      }
      Entry<T> found = entries.get(i);
      lastUsed = found;
      return found;
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
