package dev.broadsheet.core.vm;

import dev.broadsheet.core.memory.PlainMemory;

/** Machines for tests, under the naive strategy. */
final class VmFixture {
  private VmFixture() {}

  static VirtualMachine vm(String spec) {
    PlainMemory memory = new PlainMemory();
    return VirtualMachine.create(
        VmSpec.parse(spec),
        NaiveStrategy.configured(),
        other -> {
          throw new IllegalArgumentException(other);
        },
        memory,
        memory.rcu());
  }
}
