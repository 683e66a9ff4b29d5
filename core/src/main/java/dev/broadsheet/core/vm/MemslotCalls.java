package dev.broadsheet.core.vm;

import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.host.GuestMemfd;
import dev.broadsheet.core.host.SharedBacking;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.MemslotRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What user space asks of memslots, and the notifiers of the memory behind them. */
final class MemslotCalls {
  private static final int PAGE_SHIFT = 12;

  private final VmParts parts;
  private final UserMemory memory;
  private final List<HostNotifier> notifiers = new ArrayList<>();
  private HostNotifier.@Nullable Watcher hvaWatcher;

  MemslotCalls(VmParts parts) {
    this.parts = parts;
    this.memory = new UserMemory(parts);
  }

  int add(int id, long gpa, long bytes, boolean readOnly) {
    UserMemory.Owned made = memory.make(gpa >>> PAGE_SHIFT, bytes);
    boolean isPrivate = parts.spec.hasPrivateMemory();
    int flags = isPrivate ? KvmMemslot.GUEST_MEMFD : readOnly ? KvmMemslot.READONLY : 0;
    MemslotRequest request =
        new MemslotRequest(id, flags, gpa, bytes, made.userPage() << PAGE_SHIFT, 0);
    int errno = set(request, made.shared(), made.gmem());
    if (errno == 0) {
      memory.keep(id, made);
    }
    return errno;
  }

  int set(MemslotRequest request, @Nullable SharedBacking shared, @Nullable GuestMemfd gmem) {
    parts.billing.begin(OperationHook.Kind.SLOT);
    parts.slotsLock.lock();
    try {
      if (shared != null) {
        watch(shared);
      }
      return parts.memslotFlow.set(request, shared, gmem);
    } finally {
      parts.slotsLock.unlock();
      parts.billing.end(OperationHook.Kind.SLOT);
      parts.quiet();
    }
  }

  int remove(int id) {
    int errno = set(MemslotRequest.delete(id), null, null);
    if (errno == 0) {
      memory.free(id, this::unwatch);
    }
    return errno;
  }

  int move(int id, long gpa) {
    KvmMemslot slot = parts.slots.byId(id);
    if (slot == null) {
      return Errno.EINVAL;
    }
    return set(request(slot, slot.flags(), gpa), null, null);
  }

  int setFlags(int id, int flags) {
    KvmMemslot slot = parts.slots.byId(id);
    if (slot == null) {
      return Errno.EINVAL;
    }
    return set(request(slot, flags, slot.start() << PAGE_SHIFT), null, null);
  }

  private static MemslotRequest request(KvmMemslot slot, int flags, long gpa) {
    return new MemslotRequest(
        slot.id(),
        flags,
        gpa,
        slot.range().pages() << PAGE_SHIFT,
        slot.slot().userGfn() << PAGE_SHIFT,
        0);
  }

  private void watch(SharedBacking shared) {
    for (HostNotifier notifier : notifiers) {
      if (notifier.isOf(shared)) {
        return;
      }
    }
    HostNotifier notifier = new HostNotifier(parts.mmu, parts.slots, parts.backings, shared);
    notifier.watch(hvaWatcher);
    notifiers.add(notifier);
    shared.listen(notifier);
  }

  private void unwatch(SharedBacking shared) {
    parts.slotsLock.lock();
    try {
      for (HostNotifier notifier : List.copyOf(notifiers)) {
        if (notifier.isOf(shared)) {
          notifiers.remove(notifier);
          shared.ignore(notifier);
        }
      }
    } finally {
      parts.slotsLock.unlock();
    }
  }

  void watchHost(HostNotifier.@Nullable Watcher watcher) {
    this.hvaWatcher = watcher;
    for (HostNotifier notifier : notifiers) {
      notifier.watch(watcher);
    }
  }

  /** Gives back what was made for slots that still stand. */
  void freeMemory() {
    for (int id : memory.slots()) {
      memory.free(id, this::unwatch);
    }
  }
}
