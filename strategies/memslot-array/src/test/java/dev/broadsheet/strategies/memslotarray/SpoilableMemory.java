package dev.broadsheet.strategies.memslotarray;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Kernel memory whose arrays a test may reach, to spoil what an audit has to find. */
final class SpoilableMemory implements KernelMemory {
  private final KernelMemory inner;
  private final Map<String, KernelArray> arrays = new HashMap<>();

  SpoilableMemory(KernelMemory inner) {
    this.inner = inner;
  }

  /** Returns the array that was allocated last under a label. */
  KernelArray array(String label) {
    return Objects.requireNonNull(arrays.get(label), label);
  }

  @Override
  public KernelArray array(String label, ElementWidth width, long length) {
    KernelArray array = inner.array(label, width, length);
    arrays.put(label, array);
    return array;
  }

  @Override
  public ObjectCache cache(String label, int objectBytes) {
    return inner.cache(label, objectBytes);
  }

  @Override
  public KernelLock lock(String label) {
    return inner.lock(label);
  }
}
