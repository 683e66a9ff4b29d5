package dev.broadsheet.conformance;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;
import java.util.ArrayList;
import java.util.List;

/**
 * Kernel memory that reaches all that it gave out: what a tracker holds of it is then reachable
 * from its context, and does not count as heap of its own.
 */
final class RetainingMemory implements KernelMemory {
  private final KernelMemory inner;
  private final List<Object> given = new ArrayList<>();

  RetainingMemory(KernelMemory inner) {
    this.inner = inner;
  }

  @Override
  public KernelArray array(String label, ElementWidth width, long length) {
    return keep(inner.array(label, width, length));
  }

  @Override
  public ObjectCache cache(String label, int objectBytes) {
    return keep(inner.cache(label, objectBytes));
  }

  @Override
  public KernelLock lock(String label) {
    return keep(inner.lock(label));
  }

  private <T> T keep(T part) {
    given.add(part);
    return part;
  }
}
