package dev.broadsheet.core.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.OptionValues;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategySpec;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.memory.FailingMemory;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The tracker finds no memory for the new place of a slot. */
class FailedMoveTest {
  private static final long MIB2 = 1L << 21;

  private final PlainMemory plain = new PlainMemory();
  private final FailingMemory memory = new FailingMemory(plain, label -> label.equals("per-slot"));

  @Test
  void move_trackerHasNoMemory_leavesTheSlotWhereItWas() {
    VirtualMachine vm = machine();
    memory.failAt(1);

    assertThat(vm.moveMemslot(0, 8 * MIB2)).isEqualTo(Errno.ENOMEM);

    vm.audit();
    assertThat(vm.access(0, 0, Access.WRITE, false).outcome()).isEqualTo(AccessOutcome.DONE);
    assertThat(vm.moveMemslot(0, 8 * MIB2)).isZero();
    assertThat(vm.access(0, 8 * MIB2, Access.WRITE, false).outcome()).isEqualTo(AccessOutcome.DONE);
    vm.audit();
    vm.close();
  }

  @Test
  void move_noMemoryToGoBackEither_deletesTheSlot() {
    VirtualMachine vm = machine();
    memory.failFrom(1);

    assertThat(vm.moveMemslot(0, 8 * MIB2)).isEqualTo(Errno.ENOMEM);

    memory.disarm();
    vm.audit();
    assertThat(vm.slots().find(0)).isNull();
    assertThat(vm.addMemslot(0, 0, 4 * MIB2)).isZero();
    vm.audit();
    vm.close();
  }

  private VirtualMachine machine() {
    VirtualMachine vm =
        VirtualMachine.create(
            VmSpec.parse("kind=plain,host-gib=1"),
            new ConfiguredStrategy(
                new SlotBound(),
                OptionValues.of("slot-bound", List.of(), Map.of()),
                new StrategySpec("slot-bound", Map.of())),
            other -> {
              throw new IllegalArgumentException(other);
            },
            memory,
            plain.rcu());
    assertThat(vm.addMemslot(0, 0, 4 * MIB2)).isZero();
    assertThat(vm.access(0, 0, Access.WRITE, false).outcome()).isEqualTo(AccessOutcome.DONE);
    return vm;
  }

  /** All is shared; each slot takes an array. */
  private static final class SlotBound implements TrackingStrategy {
    @Override
    public String id() {
      return "slot-bound";
    }

    @Override
    public StrategyDescription description() {
      return new StrategyDescription(
          "Slot-bound", "An array per slot.", "ours", Set.of(), Set.of(), PageAttributes.PRIVATE);
    }

    @Override
    public PageAttributeTracker create(TrackerContext context) {
      return new Tracker(context.memory());
    }
  }

  private static final class Tracker implements PageAttributeTracker {
    private final TreeMap<Integer, KernelArray> arrays = new TreeMap<>();
    private final KernelMemory memory;

    Tracker(KernelMemory memory) {
      this.memory = memory;
    }

    @Override
    public int defaultAttributes() {
      return PageAttributes.SHARED;
    }

    @Override
    public int attributes(long gfn) {
      return PageAttributes.SHARED;
    }

    @Override
    public PageType type(long gfn, PageLevel level) {
      return PageType.SHARED;
    }

    @Override
    public Conversion prepare(GfnRange range, int attributes) {
      throw new UnsupportedOperationException("nothing is converted here");
    }

    @Override
    public void memslotAdded(Memslot slot) {
      arrays.put(slot.id(), memory.array("per-slot", ElementWidth.U8, 64));
    }

    @Override
    public void memslotRemoved(Memslot slot) {
      KernelArray array = arrays.remove(slot.id());
      if (array == null) {
        throw new IllegalStateException("memslot %d was never told of".formatted(slot.id()));
      }
      array.free();
    }

    @Override
    public void audit() {}

    @Override
    public void close() {}
  }
}
