package dev.broadsheet.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.ObjectCache;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MeteredMemoryTest {
  private final MemoryMeter meter = new MemoryMeter();
  private final PlainMemory plain = new PlainMemory();
  private final MeteredMemory memory = new MeteredMemory(plain, meter);
  private final OperationKind fault = meter.operation("fault");
  private final OperationKind convert = meter.operation("convert");

  @ParameterizedTest
  @EnumSource
  void array_underRandomOperations_answersAsPlainMemory(ElementWidth width) {
    KernelMemoryLaws.checkArray(memory, width, 7);
    assertThat(meter.totalFootprint().bytes()).isZero();
    assertThat(meter.totalFootprint().roundedBytes()).isZero();
  }

  @Test
  void cache_underRandomOperations_answersAsPlainMemory() {
    KernelMemoryLaws.checkCache(memory, plain.rcu(), 576, 7);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 8",
    "8, 8",
    "9, 16",
    "33, 64",
    "65, 96",
    "97, 128",
    "129, 192",
    "193, 256",
    "1025, 2048",
    "8192, 8192",
    "8193, 12288",
    "32768, 32768",
    "32769, 36864",
    "0, 0"
  })
  void array_takesItsSizeClassOrWholePages(long bytes, long rounded) {
    memory.array("a", ElementWidth.U8, bytes);
    assertThat(meter.footprint("a").bytes()).isEqualTo(bytes);
    assertThat(meter.footprint("a").roundedBytes()).isEqualTo(rounded);
  }

  @Test
  void footprint_knowsSteadyAndPeakByLabelGroupAndTotal() {
    meter.footprintGroup("tracker", label -> label.startsWith("attr."));
    KernelArray small = memory.array("attr.4k", ElementWidth.U16, 1000);
    memory.array("attr.2m", ElementWidth.U8, 100);
    memory.array("rmap", ElementWidth.U64, 10);
    small.free();
    memory.array("attr.4k", ElementWidth.U16, 10);

    // 2000 -> 2048, then 20 -> 32; 100 -> 128; 80 -> 96
    assertThat(meter.footprint("attr.4k"))
        .isEqualTo(new Footprint("attr.4k", 20, 2000, 32, 2048, 0, 1, 0, 2));
    assertThat(meter.groupFootprint("tracker"))
        .isEqualTo(new Footprint("tracker", 120, 2100, 160, 2176, 0, 2, 0, 3));
    assertThat(meter.totalFootprint())
        .isEqualTo(new Footprint("total", 200, 2180, 256, 2272, 0, 3, 0, 4));
    assertThat(meter.footprints())
        .extracting(Footprint::label)
        .containsExactly("attr.2m", "attr.4k", "rmap");
  }

  @Test
  void footprintGroup_openedLate_startsWithWhatIsThere() {
    memory.array("attr.4k", ElementWidth.U8, 100);
    meter.footprintGroup("tracker", label -> label.startsWith("attr."));
    memory.array("attr.4k", ElementWidth.U8, 28);
    assertThat(meter.groupFootprint("tracker").bytes()).isEqualTo(128);
    assertThat(meter.groupFootprint("tracker").allocations()).isEqualTo(2);
    assertThatThrownBy(() -> meter.groupFootprint("mmu"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tracker");
  }

  @Test
  void objects_holdTheirSlabUntilTheLastIsGone() {
    ObjectCache nodes = memory.cache("xa_node", 576);
    List<Long> handles = new ArrayList<>();
    for (int i = 0; i < 29; i++) {
      handles.add(nodes.allocate());
    }
    // 28 fit one slab of 16 KiB
    assertThat(meter.footprint("xa_node").bytes()).isEqualTo(29 * 576);
    assertThat(meter.footprint("xa_node").roundedBytes()).isEqualTo(2 * 16384);
    nodes.free(handles.get(28));
    assertThat(meter.footprint("xa_node").roundedBytes()).isEqualTo(16384);
    for (int i = 0; i < 27; i++) {
      nodes.free(handles.get(i));
    }
    assertThat(meter.footprint("xa_node").roundedBytes()).isEqualTo(16384);
    nodes.freeAfterGrace(handles.get(27));
    assertThat(meter.footprint("xa_node"))
        .isEqualTo(new Footprint("xa_node", 0, 29 * 576, 16384, 2 * 16384, 576, 0, 1, 29));
    plain.rcu().quiescent();
    assertThat(meter.footprint("xa_node").roundedBytes()).isZero();
    assertThat(meter.footprint("xa_node").awaiting()).isZero();
  }

  @Test
  void operation_countsReferencesAndDistinctLines() {
    KernelArray array = memory.array("a", ElementWidth.U64, 512);
    meter.beginOperation(fault);
    array.get(0);
    array.get(7); // the same line of eight words
    array.set(8, 1); // the next
    array.getPlain(0);
    array.compareAndSet(0, 0, 5);
    array.getAndAdd(511, 1);
    meter.endOperation();

    OperationSummary summary = meter.summary(fault);
    assertThat(summary.count()).isEqualTo(1);
    assertThat(summary.total().loads()).isEqualTo(3);
    assertThat(summary.total().stores()).isEqualTo(3);
    assertThat(summary.total().lines()).isEqualTo(3);
    assertThat(summary.total().linesPerOperation()).isEqualTo(new Spread(1, 3, 3, 3, 3));
  }

  @Test
  void operation_countsTheLinesOfBulkCalls() {
    KernelArray bytes = memory.array("a", ElementWidth.U8, 4096);
    meter.beginOperation(convert);
    bytes.fill(10, 130, 1); // words 1 to 16, lines 0 to 2
    meter.endOperation();
    assertThat(meter.summary(convert).total().stores()).isEqualTo(16);
    assertThat(meter.summary(convert).total().lines()).isEqualTo(3);

    meter.beginOperation(fault);
    assertThat(bytes.mismatch(10, 4096, 1)).isEqualTo(130); // bytes 10 to 130 are looked at
    meter.endOperation();
    assertThat(meter.summary(fault).total().loads()).isEqualTo(16);
    assertThat(meter.summary(fault).total().lines()).isEqualTo(3);
  }

  @Test
  void objects_straddleLinesAsSlubPacksThem() {
    ObjectCache cache = memory.cache("half", 96);
    long first = cache.allocate();
    long second = cache.allocate();
    meter.beginOperation(fault);
    cache.get(first, 8); // bytes 64 to 71: line 1
    cache.get(second, 0); // bytes 96 to 103: line 1 as well
    cache.get(second, 4); // bytes 128 to 135: line 2
    meter.endOperation();
    assertThat(meter.summary(fault).total().lines()).isEqualTo(2);
  }

  @Test
  void pageTables_startAtPageBoundaries() {
    ObjectCache tables = memory.cache("spt", 4096);
    tables.allocate();
    long table = tables.allocate();
    meter.beginOperation(fault);
    assertThat(tables.mismatch(table, 0, 512, 0)).isEqualTo(512);
    meter.endOperation();
    assertThat(meter.summary(fault).total().loads()).isEqualTo(512);
    assertThat(meter.summary(fault).total().lines()).isEqualTo(64);
  }

  @Test
  void innerOperation_suspendsTheOuter() {
    KernelArray array = memory.array("a", ElementWidth.U64, 512);
    meter.beginOperation(convert);
    array.get(0);
    meter.beginOperation(fault);
    array.get(0);
    array.get(100);
    meter.endOperation();
    array.get(0);
    meter.endOperation();
    assertThat(meter.summary(convert).total().loads()).isEqualTo(2);
    assertThat(meter.summary(convert).total().lines()).isEqualTo(1);
    assertThat(meter.summary(fault).total().loads()).isEqualTo(2);
    assertThat(meter.summary(fault).total().lines()).isEqualTo(2);
    assertThatThrownBy(meter::endOperation).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void groups_addUpToTheWhole() {
    AccessGroup tracker = meter.group("tracker");
    AccessGroup mmu = meter.group("mmu");
    KernelArray array = memory.array("lpage_info", ElementWidth.U32, 1024);
    meter.beginOperation(fault);
    AccessGroup before = meter.enter(tracker);
    array.get(0);
    array.get(16);
    meter.leave(before);
    before = meter.enter(mmu);
    array.get(1); // line 0 again: it was the tracker's first
    array.set(32, 1);
    meter.leave(before);
    meter.endOperation();

    OperationSummary summary = meter.summary(fault);
    assertThat(summary.groups()).containsOnlyKeys("mmu", "other", "tracker");
    assertThat(summary.group("tracker").loads()).isEqualTo(2);
    assertThat(summary.group("tracker").lines()).isEqualTo(2);
    assertThat(summary.group("mmu").loads()).isEqualTo(1);
    assertThat(summary.group("mmu").lines()).isEqualTo(1);
    assertThat(summary.group("other").loads()).isZero();
    assertThat(summary.total().lines()).isEqualTo(3);
  }

  @Test
  void groupOfASuspendedOperation_comesBack() {
    AccessGroup tracker = meter.group("tracker");
    KernelArray array = memory.array("a", ElementWidth.U8, 10);
    meter.beginOperation(convert);
    meter.enter(tracker);
    meter.beginOperation(fault);
    array.get(0);
    meter.endOperation();
    array.get(1);
    meter.endOperation();
    assertThat(meter.summary(fault).group("tracker").loads()).isZero();
    assertThat(meter.summary(convert).group("tracker").loads()).isEqualTo(1);
  }

  @Test
  void tallies_areBookedPerOperation() {
    Tally seamcall = meter.tally("seamcall");
    ObjectCache cache = memory.cache("c", 64);
    meter.beginOperation(fault);
    cache.allocate();
    meter.count(seamcall, 2);
    meter.endOperation();
    meter.beginOperation(fault);
    meter.endOperation();
    assertThat(meter.summary(fault).tallies())
        .containsEntry("allocation", new Spread(2, 1, 0, 1, 1))
        .containsEntry("seamcall", new Spread(2, 2, 0, 2, 2));
  }

  @Test
  void lock_booksTheWorkOfItsHolder() {
    KernelArray array = memory.array("a", ElementWidth.U64, 10);
    KernelLock lock = memory.lock("slots_lock");
    meter.beginOperation(convert);
    array.get(0);
    lock.lock();
    array.get(1);
    array.set(1, 3);
    memory.array("a", ElementWidth.U8, 1);
    meter.beginOperation(fault); // another vCPU's: not work of the holder
    array.get(2);
    meter.endOperation();
    lock.unlock();
    array.get(3);
    meter.endOperation();
    assertThat(lock.tryLock()).isTrue();
    lock.unlock();

    LockSummary summary = meter.lockSummaries().get(0);
    assertThat(summary.label()).isEqualTo("slots_lock");
    assertThat(summary.acquisitions()).isEqualTo(2);
    assertThat(summary.referencesPerHold()).isEqualTo(new Spread(2, 2, 0, 2, 2));
    assertThat(summary.tallies()).containsEntry("allocation", new Spread(2, 1, 0, 1, 1));
  }

  @Test
  void lock_takenAroundAnOperation_booksIt() {
    KernelArray array = memory.array("a", ElementWidth.U64, 10);
    KernelLock lock = memory.lock("slots_lock");
    lock.lock();
    array.get(0);
    meter.beginOperation(convert);
    array.get(1);
    meter.endOperation();
    lock.unlock();
    assertThat(meter.lockSummaries().get(0).referencesPerHold().max()).isEqualTo(2);
  }

  @Test
  void outsideAnyOperation_onlyReferencesAreCounted() {
    KernelArray array = memory.array("a", ElementWidth.U64, 10);
    array.get(0);
    array.set(1, 1);
    OperationSummary outside =
        meter.summaries().stream()
            .filter(s -> s.kind().equals(MemoryMeter.OUTSIDE))
            .findFirst()
            .orElseThrow();
    assertThat(outside.total().loads()).isEqualTo(1);
    assertThat(outside.total().stores()).isEqualTo(1);
    assertThat(outside.total().lines()).isZero();
    assertThat(meter.references()).isEqualTo(2);
  }

  @Test
  void cacheModel_countsMissesPerLevel() {
    // One set of two lines in L1, one set of four in L2
    MemoryMeter small =
        new MemoryMeter(List.of(new CacheGeometry("L1", 128, 2), new CacheGeometry("L2", 256, 4)));
    KernelArray array =
        new MeteredMemory(new PlainMemory(), small).array("a", ElementWidth.U64, 64);
    OperationKind kind = small.operation("fault");
    small.beginOperation(kind);
    for (int line : new int[] {0, 1, 0, 2, 0, 1}) {
      array.get(8L * line);
    }
    small.endOperation();
    // L1: miss 0, miss 1, hit 0, miss 2 (evicts 1), hit 0, miss 1. L2: the first touch of each.
    assertThat(small.summary(kind).total().misses()).containsExactly(4L, 3L);
    assertThat(small.caches()).extracting(CacheGeometry::name).containsExactly("L1", "L2");
    assertThat(new MemoryMeter(CacheGeometry.server()).caches()).hasSize(3);
    assertThatThrownBy(() -> new CacheGeometry("L1", 100, 3))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void sameSequence_givesTheSameBooks() {
    assertThat(books()).isEqualTo(books());
  }

  private static String books() {
    MemoryMeter meter = new MemoryMeter(CacheGeometry.server());
    PlainMemory plain = new PlainMemory();
    MeteredMemory memory = new MeteredMemory(plain, meter);
    meter.beginOperation(meter.operation("laws"));
    KernelMemoryLaws.checkCache(memory, plain.rcu(), 184, 3);
    KernelMemoryLaws.checkArray(memory, ElementWidth.U16, 3);
    meter.endOperation();
    return meter.footprints() + " " + meter.summaries() + " " + meter.lockSummaries();
  }
}
