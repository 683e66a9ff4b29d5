package dev.broadsheet.core.vm;

import dev.broadsheet.core.host.GuestMemfd;
import dev.broadsheet.core.host.SharedBacking;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Memory that a machine makes for slots of its own: user mappings and guest_memfds. */
final class UserMemory {
  private final VmParts parts;

  /** By slot number. Guarded by itself. */
  private final Map<Integer, Owned> owned = new TreeMap<>();

  private long nextUserPage = 0x7f00_0000L;

  UserMemory(VmParts parts) {
    this.parts = parts;
  }

  /** User memory and private memory behind one slot. */
  record Owned(long userPage, SharedBacking shared, @Nullable GuestMemfd gmem) {
    void free() {
      if (gmem != null) {
        gmem.close();
      }
      shared.close();
    }
  }

  /** Makes memory as the specification says, its user address congruent with the guest's. */
  Owned make(long gfn, long bytes) {
    VmSpec spec = parts.spec;
    long pages = bytes >>> 12;
    long userPage = reserveUserPages(gfn, pages);
    SharedBacking shared =
        new SharedBacking(parts.host, VmShape.backingKind(spec), userPage, Math.max(1, pages));
    if (spec.is("populate", "on")) {
      shared.populate();
    }
    GuestMemfd gmem =
        spec.hasPrivateMemory()
            ? new GuestMemfd(parts.host, bytes, VmShape.folioOrder(spec))
            : null;
    return new Owned(userPage, shared, gmem);
  }

  void keep(int slot, Owned memory) {
    synchronized (owned) {
      owned.put(slot, memory);
    }
  }

  /** Gives a slot's memory back, if it was made here. */
  void free(int slot, Consumer<SharedBacking> before) {
    Owned memory;
    synchronized (owned) {
      memory = owned.remove(slot);
    }
    if (memory != null) {
      before.accept(memory.shared());
      memory.free();
    }
  }

  List<Integer> slots() {
    synchronized (owned) {
      return List.copyOf(owned.keySet());
    }
  }

  private synchronized long reserveUserPages(long gfn, long pages) {
    long mask = (1L << 18) - 1;
    long start = ((nextUserPage + mask) & ~mask) + (gfn & mask);
    nextUserPage = start + pages;
    return start;
  }
}
