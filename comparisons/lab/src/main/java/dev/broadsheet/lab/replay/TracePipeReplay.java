package dev.broadsheet.lab.replay;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.StrategyTrait;
import dev.broadsheet.core.host.GuestMemfd;
import dev.broadsheet.core.host.SharedBacking;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.MemslotRequest;
import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.vm.Access;
import dev.broadsheet.core.vm.VirtualMachine;
import dev.broadsheet.core.vm.VmSpec;
import dev.broadsheet.lab.trace.AccessType;
import dev.broadsheet.lab.trace.BundledTraces;
import dev.broadsheet.lab.trace.EventStream;
import dev.broadsheet.lab.trace.TraceEvent;
import dev.broadsheet.lab.trace.TraceSlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Drives a software-protected machine with a trace as it was driven under a real KVM, and compares
 * what the MMU does with that KVM's log, event by event.
 *
 * <p>RAM and firmware are slots with both sides, all private at first. Every access of the trace is
 * one of the guest; every conversion inside a slot changes attributes and then punches the side
 * that is given up. The replayer's own code stood at 32 GiB in a slot of its own. A log that was
 * cut is compared as far as it goes.
 */
final class TracePipeReplay {
  /** Changes of entries; a strategy that needs tables of its own has others. */
  private static final String CHANGE = "chg ";

  private static final int PAGE_SHIFT = 12;
  private static final long LARGE = 0x200000;
  private static final long CODE_GPA = 0x8_0000_0000L;
  private static final long CODE_TABLES = CODE_GPA + 0x100000;
  private static final long FOUR_GIB = 1L << 32;
  private static final long USER_PAGE = 0x7f00_0000L;

  /** A slot and its two sides. */
  private record Side(long gpa, long bytes, SharedBacking shared, GuestMemfd gmem) {}

  private final TracePipeLog log;
  private final PrintWriter out;
  private final Tally tally;
  private final boolean check;
  private final VirtualMachine vm;
  private final List<Side> sides = new ArrayList<>();
  private final List<String> events = new ArrayList<>();
  private final List<Integer> lines = new ArrayList<>();
  private final Set<String> kinds = new HashSet<>();
  private String operation = "start";
  private int next;

  TracePipeReplay(
      TracePipeLog log,
      Function<String, ConfiguredStrategy> strategies,
      ConfiguredStrategy strategy,
      PrintWriter out,
      Tally tally,
      boolean check) {
    this.log = log;
    this.out = out;
    this.tally = tally;
    this.check = check;
    boolean ownTables =
        strategy.strategy().description().traits().contains(StrategyTrait.NEEDS_PAGE_TABLES);
    for (int i = 0; i < log.events().size(); i++) {
      if (ownTables && log.events().get(i).startsWith(CHANGE)) {
        tally.notApplicable();
      } else {
        events.add(log.events().get(i));
        lines.add(log.lines().get(i));
      }
    }
    kinds.addAll(log.kinds());
    if (ownTables) {
      kinds.remove(CHANGE.strip());
    }
    Rcu rcu = new Rcu();
    this.vm =
        VirtualMachine.create(
            VmSpec.parse(
                "kind=swprot,kernel=6.12,format=npt,folio=4k,attributes=shared,phys-bits=40"),
            strategy,
            strategies,
            new PlainMemory(rcu),
            rcu);
  }

  void run() throws IOException {
    tally.script();
    try (EventStream trace = BundledTraces.find(log.trace()).open()) {
      addSlots(trace);
      vm.listen(new Events());
      vm.access(0, CODE_TABLES, Access.WALK, /* isPrivate= */ false);
      TraceEvent event = new TraceEvent();
      long line = 0;
      while (hasMore() && trace.next(event)) {
        line++;
        tally.step();
        step(event, line);
      }
    }
    if (hasMore()) {
      operation = "end";
      sides.forEach(side -> vm.closeGuestMemfd(side.gmem()));
      vm.close();
    }
    for (; check && next < events.size(); next++) {
      different(events.get(next), "nothing");
    }
  }

  private boolean hasMore() {
    return !check || next < events.size();
  }

  private void addSlots(EventStream trace) {
    long low = 0;
    for (TraceSlot slot : trace.header().slots()) {
      if (slot.end() < FOUR_GIB && slot.isRam()) {
        low = Math.max(low, slot.end());
      }
    }
    addSlot(0, low);
    for (TraceSlot slot : trace.header().slots()) {
      if (slot.end() >= FOUR_GIB) {
        addSlot(slot.gpa(), slot.bytes());
      }
    }
    SharedBacking code =
        new SharedBacking(vm.host(), SharedBacking.Kind.THP, USER_PAGE - 512, LARGE >>> PAGE_SHIFT);
    code.populate();
    vm.setMemslot(
        MemslotRequest.of(99, 0, CODE_GPA, LARGE, code.userPage() << PAGE_SHIFT), code, null);
  }

  private void addSlot(long gpa, long bytes) {
    SharedBacking shared =
        new SharedBacking(
            vm.host(),
            SharedBacking.Kind.THP,
            USER_PAGE + (gpa >>> PAGE_SHIFT),
            bytes >>> PAGE_SHIFT);
    GuestMemfd gmem = new GuestMemfd(vm.host(), bytes, 0);
    vm.setMemslot(
        new MemslotRequest(
            sides.size(), KvmMemslot.GUEST_MEMFD, gpa, bytes, shared.userPage() << PAGE_SHIFT, 0),
        shared,
        gmem);
    sides.add(new Side(gpa, bytes, shared, gmem));
    vm.setMemoryAttributes(gpa, bytes, PageAttributes.PRIVATE, 0);
  }

  private void step(TraceEvent event, long line) {
    switch (event.kind()) {
      case FIRST, TOUCH -> {
        operation = event.toString();
        boolean write = event.access() == AccessType.WRITE;
        vm.access(0, event.gpa(), write ? Access.WRITE : Access.READ, event.isPrivate());
      }
      case CONVERT -> convert(event, line);
      case INITIAL, ACCEPT, DISCARD, REARM, MARK -> {
        // Nothing was done for these.
      }
    }
  }

  private void convert(TraceEvent event, long line) {
    for (Side side : sides) {
      if (event.gpa() >= side.gpa() && event.end() <= side.gpa() + side.bytes()) {
        operation = event.toString();
        saw(TracePipeLog.conversion(event.gpa(), event.bytes(), event.isPrivate(), line));
        vm.setMemoryAttributes(
            event.gpa(),
            event.bytes(),
            event.isPrivate() ? PageAttributes.PRIVATE : PageAttributes.SHARED,
            0);
        long offset = event.gpa() - side.gpa();
        if (event.isPrivate()) {
          side.shared().dontNeed(offset >>> PAGE_SHIFT, (offset + event.bytes()) >>> PAGE_SHIFT);
        } else {
          vm.punchHole(side.gmem(), offset, event.bytes());
        }
      }
    }
  }

  /** Compares what the model did with what comes next in the log. */
  private void saw(String event) {
    if (!check) {
      out.println(event);
    } else if (!kinds.contains(event.substring(0, event.indexOf(' ')))) {
      tally.notApplicable();
    } else if (operation.equals("end") || next < events.size()) {
      String expected = next < events.size() ? events.get(next) : "nothing";
      if (expected.equals(event)) {
        tally.same();
      } else {
        different(expected, event);
      }
      next++;
    }
  }

  private void different(String expected, String found) {
    int line = lines.get(Math.min(next, lines.size() - 1));
    tally.different(line, operation, "event", expected, found);
  }

  private final class Events implements MmuListener {
    @Override
    public void pageFault(int vcpu, long gpa, long errorCode) {
      saw(TracePipeLog.fault(gpa, errorCode));
    }

    @Override
    public void requested(long gfn, long pfn, int level) {
      saw(TracePipeLog.request(gfn, level));
    }

    @Override
    public void spteChanged(boolean mirror, long gfn, int level, long old, long now) {
      saw(TracePipeLog.change(gfn, level, old, now, vm.mmu().direct().keep()));
    }
  }
}
