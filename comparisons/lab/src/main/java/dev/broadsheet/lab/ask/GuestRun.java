package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.sync.MmuLock;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.vm.Access;
import dev.broadsheet.core.vm.AccessOutcome;
import dev.broadsheet.core.vm.AccessResult;
import dev.broadsheet.core.vm.MapGpaResult;
import dev.broadsheet.core.vm.VirtualMachine;
import dev.broadsheet.lab.runner.MeteredMachine;
import dev.broadsheet.lab.trace.AccessType;
import dev.broadsheet.lab.trace.AttributeRuns;
import dev.broadsheet.lab.trace.EventStream;
import dev.broadsheet.lab.trace.Trace;
import dev.broadsheet.lab.trace.TraceEvent;
import dev.broadsheet.lab.trace.TraceHeader;
import java.io.IOException;
import java.util.BitSet;

/**
 * A guest on a machine: plays traces into it and keeps beside it what the guest itself knows, which
 * pages are private and which are accepted. Several traces of one shape may follow each other.
 */
final class GuestRun implements AutoCloseable {
  private static final int LARGE = 512;

  private final MeteredMachine machine;
  private final VirtualMachine vm;
  private final ImmutableList<Memslot> slots;
  private final boolean isTd;
  private final AttributeRuns truth;
  private final BitSet accepted = new BitSet();
  private boolean isFinal;
  private long conversions;
  private long lost;
  private boolean converting;
  private long longestHold;

  private GuestRun(MeteredMachine machine, TraceHeader header) {
    this.machine = machine;
    this.vm = machine.vm();
    this.slots = machine.addSlots(header);
    this.isTd = vm.spec().isTdx();
    this.truth = new AttributeRuns(vm.attributes(slots.get(0).range().start()));
  }

  /**
   * Creates the machine that a trace's guest needs.
   *
   * @param knobs of the machine, without the number of vCPUs
   */
  static GuestRun create(
      Experiment experiment, ConfiguredStrategy strategy, Trace trace, String knobs)
      throws IOException {
    TraceHeader header;
    try (EventStream stream = trace.open()) {
      header = stream.header();
    }
    String vcpus = "vcpus=" + header.vcpus();
    return new GuestRun(
        experiment.machine(strategy, knobs.isEmpty() ? vcpus : knobs + "," + vcpus), header);
  }

  MeteredMachine machine() {
    return machine;
  }

  VirtualMachine vm() {
    return vm;
  }

  /** Returns which pages are private. */
  AttributeRuns truth() {
    return truth;
  }

  /** Returns the MapGPA calls so far. */
  long conversions() {
    return conversions;
  }

  /** Returns the accesses so far that found a page that was accepted and no longer is. */
  long lostAccepts() {
    return lost;
  }

  /** Begins to measure how long conversions hold {@code mmu_lock} for write. */
  void watchHolds() {
    vm.mmu()
        .lock()
        .observe(
            new MmuLock.Observer() {
              private long begun;

              @Override
              public void acquired(boolean isWrite) {
                begun = machine.meter().references();
              }

              @Override
              public void released(boolean isWrite) {
                if (converting && isWrite) {
                  longestHold = Math.max(longestHold, machine.meter().references() - begun);
                }
              }
            });
  }

  /** Returns the most references of a conversion under one hold of {@code mmu_lock} for write. */
  long longestHold() {
    return longestHold;
  }

  /** Returns one of the machine's counters. */
  long book(String id) {
    return vm.books().getOrDefault(id, 0L);
  }

  /** Returns the leaves of a level in both trees. */
  long leaves(int level) {
    return vm.counters().leaves(false, level) + vm.counters().leaves(true, level);
  }

  /** Returns the shared pages in memory. */
  long sharedPages() {
    long shared = 0;
    for (Memslot slot : slots) {
      shared += truth.differing(slot.range().start(), slot.range().end(), PageAttributes.PRIVATE);
    }
    return shared;
  }

  /** Plays a trace to its end. */
  GuestRun play(Trace trace) throws IOException {
    try (EventStream stream = trace.open()) {
      TraceEvent event = new TraceEvent();
      while (stream.next(event)) {
        apply(event);
      }
    }
    return this;
  }

  private void apply(TraceEvent event) {
    switch (event.kind()) {
      case INITIAL -> {
        if (vm.addInitialPages(event.gpa(), event.bytes()) == 0) {
          accepted.set(page(event.gpa()), page(event.end()));
        }
      }
      case FIRST, TOUCH -> {
        run();
        touch(event.vcpu(), event.gpa(), event.access(), event.isPrivate());
      }
      case ACCEPT -> {
        run();
        accept(event.vcpu(), event.gpa(), event.bytes());
      }
      case CONVERT -> convert(event.vcpu(), event.gpa(), event.bytes(), event.isPrivate());
      case DISCARD -> {
        vm.discard(event.gpa(), event.bytes());
        accepted.clear(page(event.gpa()), page(event.end()));
      }
      case REARM, MARK -> {
        // Nothing that the machine sees.
      }
    }
  }

  /** The guest runs from its first own step; the VMM converts and discards before that too. */
  void run() {
    if (!isFinal) {
      vm.finalizeTd();
      isFinal = true;
    }
  }

  private static int page(long gpa) {
    return Math.toIntExact(gpa >>> 12);
  }

  private void touch(int vcpu, long gpa, AccessType type, boolean isPrivate) {
    Access access =
        switch (type) {
          case READ -> Access.READ;
          case WRITE -> Access.WRITE;
          case EXECUTE -> Access.EXECUTE;
          case WALK -> Access.WALK;
        };
    AccessResult result = vm.access(vcpu, gpa, access, isPrivate);
    if (result.outcome() == AccessOutcome.NOT_ACCEPTED && accepted.get(page(gpa))) {
      // What it held is gone; the guest can only accept the page anew.
      lost++;
      accepted.clear(page(gpa));
      accept(vcpu, gpa, 4096);
    }
  }

  /** The guest accepts a range, if it is a TD. */
  void accept(int vcpu, long gpa, long bytes) {
    if (isTd && vm.accept(vcpu, gpa, bytes).outcome() == AccessOutcome.DONE) {
      accepted.set(page(gpa), page(gpa + bytes));
    }
  }

  /** The guest converts a range; a MapGPA call. */
  void convert(int vcpu, long gpa, long bytes, boolean toPrivate) {
    converting = true;
    MapGpaResult result = vm.mapGpa(vcpu, gpa, bytes, toPrivate);
    converting = false;
    conversions++;
    long start = gpa >>> 12;
    long end = (result.isSuccess() ? gpa + bytes : result.next()) >>> 12;
    if (start < end) {
      truth.convert(start, end, toPrivate ? PageAttributes.PRIVATE : PageAttributes.SHARED);
      for (Memslot slot : slots) {
        long from = Math.max(start, slot.range().start());
        long to = Math.min(end, slot.range().end());
        if (from < to) {
          accepted.clear((int) from, (int) to);
        }
      }
    }
  }

  /**
   * What became of the guest's large blocks.
   *
   * @param regions blocks of 2M that lie wholly in memory
   * @param mixed of these, blocks that hold both kinds
   * @param allowed blocks that may be mapped large
   * @param mapped blocks that are mapped by one 2M leaf, or lie inside a 1G leaf
   * @param small private blocks of one kind that are mapped by 4K leaves
   * @param inhibited of these, blocks that the guest's own 4K accept forbids
   * @param ready of these that are not inhibited, blocks with 512 leaves, all accepted, of one
   *     folio
   * @param scattered the same, but of frames that do not follow each other
   * @param pending of these that are not inhibited, blocks with 512 leaves, not all accepted
   * @param partial of these that are not inhibited, blocks with less than 512 leaves
   * @param huge blocks of 1G that lie wholly in memory
   * @param hugeAllowed of these, blocks that may be mapped by one leaf
   */
  record Census(
      long regions,
      long mixed,
      long allowed,
      long mapped,
      long small,
      long inhibited,
      long ready,
      long scattered,
      long pending,
      long partial,
      long huge,
      long hugeAllowed) {}

  /** Looks at every large block; nothing is billed to the machine. */
  Census census() {
    Census[] result = new Census[1];
    machine.unbilled(() -> result[0] = count());
    return result[0];
  }

  private Census count() {
    int blocks = 0;
    for (Memslot slot : slots) {
      blocks = Math.max(blocks, (int) ((slot.range().end() + LARGE - 1) / LARGE));
    }
    int[] leaves = new int[blocks];
    long[] frames = new long[blocks];
    BitSet apart = new BitSet(blocks);
    BitSet large = new BitSet(blocks);
    vm.forEachLeaf(
        (mirror, gfn, level, spte) -> {
          int block = (int) (gfn / LARGE);
          if (level > 1) {
            large.set(block, block + (int) (PageLevel.of(level).pages() / LARGE));
          } else if (PageAttributes.isPrivate(truth.attributes(gfn))) {
            long first = Spte.pfn(spte) - gfn % LARGE;
            if (first % LARGE != 0 || (leaves[block] > 0 && frames[block] != first)) {
              apart.set(block);
            }
            frames[block] = first;
            leaves[block]++;
          }
        });
    long[] counts = new long[12];
    for (Memslot slot : slots) {
      countSlot(slot.range(), leaves, apart, large, counts);
    }
    return new Census(
        counts[0],
        counts[1],
        counts[2],
        counts[3],
        counts[4],
        counts[5],
        counts[6],
        counts[7],
        counts[8],
        counts[9],
        counts[10],
        counts[11]);
  }

  private void countSlot(GfnRange slot, int[] leaves, BitSet apart, BitSet large, long[] counts) {
    long first = PageLevel.PG_LEVEL_2M.roundUp(slot.start());
    for (long gfn = first; gfn + LARGE <= slot.end(); gfn += LARGE) {
      int block = (int) (gfn / LARGE);
      boolean uniform = truth.isUniform(gfn, gfn + LARGE);
      counts[0]++;
      counts[1] += uniform ? 0 : 1;
      counts[2] += vm.effectiveLevel(gfn).number() >= 2 ? 1 : 0;
      counts[3] += large.get(block) ? 1 : 0;
      if (uniform
          && PageAttributes.isPrivate(truth.attributes(gfn))
          && !large.get(block)
          && leaves[block] > 0) {
        counts[4]++;
        counts[whySmall(gfn, leaves[block], apart.get(block))]++;
      }
    }
    long huge = PageLevel.PG_LEVEL_1G.pages();
    for (long gfn = PageLevel.PG_LEVEL_1G.roundUp(slot.start());
        gfn + huge <= slot.end();
        gfn += huge) {
      counts[10]++;
      counts[11] += vm.effectiveLevel(gfn).number() >= 3 ? 1 : 0;
    }
  }

  private int whySmall(long gfn, int leaves, boolean apart) {
    KvmMemslot slot = vm.slots().find(gfn);
    if (slot != null && slot.lpageInfo().isInhibited(gfn, PageLevel.PG_LEVEL_2M)) {
      return 5;
    }
    if (leaves < LARGE) {
      return 9;
    }
    if (accepted.nextClearBit((int) gfn) < gfn + LARGE) {
      return 8;
    }
    return apart ? 7 : 6;
  }

  @Override
  public void close() {
    machine.close();
  }
}
