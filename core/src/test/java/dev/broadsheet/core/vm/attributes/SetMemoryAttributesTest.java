package dev.broadsheet.core.vm.attributes;

import static dev.broadsheet.api.PageAttributes.PRIVATE;
import static dev.broadsheet.api.PageAttributes.SHARED;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.FormatMethod;
import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.Plan;
import dev.broadsheet.api.RejectReason;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SetMemoryAttributesTest {
  private final PlainMemory memory = new PlainMemory();
  private final Memslots slots = new Memslots(Geometry.standard(), true);
  private final BitSetTracker tracker = new BitSetTracker(slots);
  private final RecordingMmu mmu = new RecordingMmu();
  private final SetMemoryAttributes flow =
      new SetMemoryAttributes(tracker, slots, memory.lock("slots_lock"), mmu, PRIVATE);

  private static final class RecordingMmu implements ConversionMmu {
    final List<String> calls = new ArrayList<>();
    boolean locked;
    boolean splitFails;

    @Override
    public void lockForWrite() {
      assertThat(locked).isFalse();
      locked = true;
    }

    @Override
    public void unlock() {
      assertThat(locked).isTrue();
      locked = false;
    }

    @Override
    public void invalidateBegin() {
      call("begin");
    }

    @Override
    public void invalidateRangeAdd(long start, long end) {
      call("add %x-%x", start, end);
    }

    @Override
    public void invalidateEnd() {
      call("end");
    }

    @Override
    public void splitCrossing(KvmMemslot slot, long start, long end, int losing) {
      if (splitFails) {
        throw new KernelOutOfMemoryException("page_table", 4096);
      }
    }

    @Override
    public boolean unmap(KvmMemslot slot, long start, long end, int losing) {
      call("unmap %d %x-%x %s", slot.id(), start, end, losing == PRIVATE ? "private" : "shared");
      return true;
    }

    @Override
    public void flush() {
      call("flush");
    }

    @FormatMethod
    private void call(String format, Object... arguments) {
      assertThat(locked).isTrue();
      calls.add(format.formatted(arguments));
    }
  }

  private void addSlot(int id, long start, long end) {
    slots.insert(new KvmMemslot(memory, Memslot.aligned(id, new GfnRange(start, end)), 0));
  }

  @ParameterizedTest(name = "address {0} size {1} attributes {2} flags {3}: {4}")
  @CsvSource({
    "1000, 1000, 8, 0, 0",
    "1000, 1000, 0, 1, 22",
    "1000, 1000, 9, 0, 22",
    "1000, 1000, 8000000000000000, 0, 22",
    "1000, 0, 8, 0, 22",
    "1800, 1000, 8, 0, 22",
    "1000, 1800, 8, 0, 22",
    "fffffffffffff000, 1000, 8, 0, 22",
    "1000, fffffffffffff000, 8, 0, 22"
  })
  void arguments_areCheckedAsKvmDoes(
      String address, String size, String attributes, String flags, int errno) {
    AttributesAnswer answer = flow.ioctl(hex(address), hex(size), hex(attributes), hex(flags));
    assertThat(answer.errno()).isEqualTo(errno);
    assertThat(answer.isChanged()).isEqualTo(errno == 0);
    assertThat(tracker.privatePages.cardinality()).isEqualTo(errno == 0 ? 1 : 0);
  }

  private static long hex(String text) {
    return Long.parseUnsignedLong(text, 16);
  }

  @Test
  void machineWithoutPrivateMemory_takesNoAttributes() {
    SetMemoryAttributes plain =
        new SetMemoryAttributes(tracker, slots, memory.lock("slots_lock"), mmu, 0);
    assertThat(plain.ioctl(0x1000, 0x1000, 8, 0).errno()).isEqualTo(Errno.EINVAL);
    assertThat(plain.ioctl(0x1000, 0x1000, 0, 0)).isEqualTo(AttributesAnswer.UNCHANGED);
  }

  @Test
  void conversion_withinABlock_guardsTheWholeBlockAtBothLevels() {
    addSlot(0, 0, 0x80000);
    AttributesAnswer answer = flow.convert(new GfnRange(0x210, 0x220), PRIVATE);
    assertThat(answer.converted()).isEqualTo(new GfnRange(0x210, 0x220));
    assertThat(mmu.calls)
        .containsExactly(
            "begin",
            "add 210-220",
            "add 200-400",
            "add 0-40000",
            "unmap 0 210-220 shared",
            "flush",
            "end");
    assertThat(tracker.calls).hasToString("store publish ");
  }

  @Test
  void mixedBlock_needsNoGuard() {
    addSlot(0, 0, 0x80000);
    tracker.privatePages.set(0x3ff);
    flow.convert(new GfnRange(0x210, 0x220), PRIVATE);
    assertThat(mmu.calls).containsSubsequence("add 210-220", "unmap 0 210-220 shared");
    assertThat(mmu.calls).doesNotContain("add 200-400", "add 0-40000");
  }

  @Test
  void rangeOverSlotsAndHoles_isClippedPerSlotAscending() {
    addSlot(1, 0x1000, 0x1400);
    addSlot(0, 0x400, 0x900);
    flow.convert(new GfnRange(0x500, 0x1100), PRIVATE);
    assertThat(mmu.calls)
        .containsExactly(
            "begin",
            "add 500-900",
            "add 400-600",
            "add 1000-1100",
            "add 1000-1200",
            "unmap 0 500-900 shared",
            "unmap 1 1000-1100 shared",
            "flush",
            "end");
  }

  @Test
  void toShared_unmapsThePrivateSide() {
    addSlot(0, 0, 0x400);
    tracker.privatePages.set(0, 0x400);
    flow.convert(new GfnRange(0, 0x200), SHARED);
    assertThat(mmu.calls)
        .containsExactly("begin", "add 0-200", "unmap 0 0-200 private", "flush", "end");
  }

  @Test
  void whatAlreadyHolds_touchesNothing() {
    addSlot(0, 0, 0x400);
    assertThat(flow.convert(new GfnRange(0, 0x200), SHARED)).isEqualTo(AttributesAnswer.UNCHANGED);
    assertThat(mmu.calls).isEmpty();
  }

  @Test
  void outsideSlots_isStoredWithoutInvalidation() {
    addSlot(0, 0x400, 0x800);
    assertThat(flow.convert(new GfnRange(0x100, 0x400), PRIVATE).isChanged()).isTrue();
    assertThat(mmu.calls).isEmpty();
    assertThat(tracker.calls).hasToString("store publish ");
  }

  @Test
  void prefixPlan_zapsAndStoresThePrefixOnly() {
    addSlot(0, 0, 0x800);
    tracker.forced = new Plan.Ready(new GfnRange(0x100, 0x300));
    AttributesAnswer answer = flow.convert(new GfnRange(0x100, 0x700), PRIVATE);
    assertThat(answer.errno()).isEqualTo(Errno.ENOMEM);
    assertThat(answer.converted()).isEqualTo(new GfnRange(0x100, 0x300));
    assertThat(mmu.calls).contains("unmap 0 100-300 shared");
    assertThat(tracker.privatePages.cardinality()).isEqualTo(0x200);
  }

  @Test
  void rejectedPlan_isAnErrorNumberAndChangesNothing() {
    addSlot(0, 0, 0x800);
    tracker.forced = new Plan.Rejected(RejectReason.OUT_OF_MEMORY, "no");
    assertThat(flow.convert(new GfnRange(0, 1), PRIVATE).errno()).isEqualTo(Errno.ENOMEM);
    tracker.forced = new Plan.Rejected(RejectReason.OUT_OF_REACH, "no");
    assertThat(flow.convert(new GfnRange(0, 1), PRIVATE).errno()).isEqualTo(Errno.EINVAL);
    assertThat(mmu.calls).isEmpty();
  }

  @Test
  void splitWithoutMemory_cancelsBeforeAnythingIsZapped() {
    addSlot(0, 0, 0x800);
    mmu.splitFails = true;
    AttributesAnswer answer = flow.convert(new GfnRange(0x200, 0x210), PRIVATE);
    assertThat(answer.errno()).isEqualTo(Errno.ENOMEM);
    assertThat(mmu.calls).containsExactly("begin", "add 200-210", "add 200-400", "end");
    assertThat(mmu.locked).isFalse();
    assertThat(tracker.calls).hasToString("cancel ");
    assertThat(tracker.privatePages.isEmpty()).isTrue();
  }

  @Test
  void hook_runsBetweenThePhasesWithTheLockFree() {
    addSlot(0, 0, 0x1000);
    List<String> seen = new ArrayList<>();
    flow.setYieldHook(
        (phase, next) -> {
          assertThat(mmu.locked).isFalse();
          seen.add(phase + " " + next + " " + tracker.privatePages.cardinality());
        });
    flow.convert(new GfnRange(0, 2500), PRIVATE);
    assertThat(seen)
        .containsExactly(
            "INVALIDATED 0 0", "STORING 1000 1000", "STORING 2000 2000", "STORED 2500 2500");
  }

  @Test
  void randomConversions_invalidateWhatTheRuleSays() {
    addSlot(0, 0x150, 0x900);
    addSlot(1, 0x900, 0x1000);
    addSlot(2, 0x1200, 0x1400);
    Random random = new Random(11);
    for (int round = 0; round < 300; round++) {
      long start = random.nextInt(0x1500);
      long end = start + 1 + random.nextInt(random.nextBoolean() ? 8 : 0x600);
      int attributes = random.nextBoolean() ? PRIVATE : SHARED;
      long[] expected = expectedInvalidation(start, end);
      mmu.calls.clear();
      boolean changed = flow.convert(new GfnRange(start, end), attributes).isChanged();
      if (changed) {
        assertThat(union()).containsExactly(expected);
      } else {
        assertThat(mmu.calls).isEmpty();
      }
    }
  }

  /** By definition, page by page: straddling blocks inside the slot that hold one attribute. */
  private long[] expectedInvalidation(long start, long end) {
    long low = Long.MAX_VALUE;
    long high = Long.MIN_VALUE;
    for (int i = 0; i < slots.table().size(); i++) {
      KvmMemslot slot = slots.table().at(i);
      long from = Math.max(start, slot.start());
      long to = Math.min(end, slot.end());
      if (from >= to) {
        continue;
      }
      low = Math.min(low, from);
      high = Math.max(high, to);
      for (long edge : new long[] {from, to - 1}) {
        long block = edge / 512 * 512;
        boolean inside = block >= slot.start() && block + 512 <= slot.end();
        boolean covered = block >= from && block + 512 <= to;
        int set = tracker.privatePages.get((int) block, (int) block + 512).cardinality();
        if (inside && !covered && (set == 0 || set == 512)) {
          low = Math.min(low, block);
          high = Math.max(high, block + 512);
        }
      }
    }
    return new long[] {low, high};
  }

  private long[] union() {
    long low = Long.MAX_VALUE;
    long high = Long.MIN_VALUE;
    for (String call : mmu.calls) {
      if (call.startsWith("add ")) {
        int dash = call.indexOf('-');
        low = Math.min(low, hex(call.substring(4, dash)));
        high = Math.max(high, hex(call.substring(dash + 1)));
      }
    }
    return new long[] {low, high};
  }
}
