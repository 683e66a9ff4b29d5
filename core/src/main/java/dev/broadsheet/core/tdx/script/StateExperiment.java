package dev.broadsheet.core.tdx.script;

import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.tdx.ExitReason;
import dev.broadsheet.core.tdx.GuestOutcome;
import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.SeamcallLeaf;
import dev.broadsheet.core.tdx.TdcallLeaf;
import dev.broadsheet.core.tdx.TdxModuleConfig;
import dev.broadsheet.core.tdx.TdxStatus;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptState;
import dev.broadsheet.core.tdx.sept.SeptWalk;
import dev.broadsheet.core.tdx.td.TdParams;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One leaf in one state, executed: a new module, a TD in an operation state that allows the leaf,
 * one entry brought into the state by legal calls, the call, and a look at the entry.
 */
final class StateExperiment implements AutoCloseable {
  private static final long GIB = 1L << 30;
  private static final long PAGE = 4096;
  private static final long GPA = 1L << 21;
  private static final long HPA = 1L << 21;
  private static final long SOURCE = 4 * GIB;
  private static final int HKID = 64;

  private final SmallWorld world =
      new SmallWorld(
          new PlainMemory(), TdxModuleConfig.builder().tdmr(0, GIB).contents(true).build());
  private final SeptFunction function;
  private final SeptState state;
  private final int level;

  /** Which of two pages is tried where the page decides: 0 mapped, 1 pending. */
  private final int variant;

  private long tdr;
  private long tdvpr;

  private StateExperiment(SeptFunction function, SeptState state, int variant) {
    this.function = function;
    this.state = state;
    this.variant = variant;
    this.level = level();
  }

  /** Returns {@code no}, or the states that the entry can have afterwards. */
  static String cell(SeptFunction function, SeptState state) {
    Set<SeptState> after = EnumSet.noneOf(SeptState.class);
    for (int variant = 0; variant < variants(function); variant++) {
      try (StateExperiment experiment = new StateExperiment(function, state, variant)) {
        experiment.prepare();
        experiment.execute(after);
      }
    }
    return after.isEmpty()
        ? "no"
        : after.stream().map(SeptState::name).collect(Collectors.joining("|"));
  }

  private static int variants(SeptFunction function) {
    return switch (function) {
      case PAGE_PROMOTE, IMPORT_MEM -> 2;
      default -> 1;
    };
  }

  private int level() {
    if (state.isTable()) {
      return 1;
    }
    return switch (function) {
      case SEPT_ADD, SEPT_REMOVE, PAGE_DEMOTE, PAGE_PROMOTE -> 1;
      default -> 0;
    };
  }

  // The way to the state.

  private void prepare() {
    TdParams params =
        TdParams.defaults()
            .withAttributes(TdParams.DEBUG | TdParams.MIGRATABLE | TdParams.SEPT_VE_DISABLE);
    if (function == SeptFunction.IMPORT_MEM) {
      prepareImport(params);
      return;
    }
    tdr = world.createTd(params, HKID);
    tdvpr = world.createVcpu(tdr, 0);
    world.addTables(tdr, GPA, level);
    reachState();
    switch (function) {
      case ACCEPT, ATTR_RD, ATTR_WR -> {
        world.finalizeTd(tdr);
        world.expectSuccess(SeamcallLeaf.TDH_VP_ENTER, tdvpr, 0, 0);
      }
      case EXPORT_RESTORE -> world.finalizeTd(tdr);
      case EXPORT_BLOCKW, EXPORT_MEM, EXPORT_UNBLOCKW -> {
        world.finalizeTd(tdr);
        world.expectSuccess(SeamcallLeaf.TDH_EXPORT_STATE_IMMUTABLE, tdr, 0, 0);
      }
      default -> {}
    }
  }

  private void reachState() {
    switch (state) {
      case FREE -> {}
      case NL_MAPPED, NL_BLOCKED -> {
        world.addTables(tdr, GPA, 0);
        if (function == SeptFunction.PAGE_PROMOTE) {
          fillTable(variant == 0);
        }
      }
      case MAPPED, BLOCKED -> {
        if (level == 0) {
          addPage(0);
        } else {
          world.addTables(tdr, GPA, 0);
          fillTable(true);
          world.expectSuccess(SeamcallLeaf.TDH_MEM_PAGE_PROMOTE, GPA | 1, tdr, 0);
        }
      }
      case PENDING, PENDING_BLOCKED ->
          world.expectSuccess(SeamcallLeaf.TDH_MEM_PAGE_AUG, GPA | level, tdr, HPA);
      default -> throw new IllegalArgumentException(state + " needs migration");
    }
    if (state.isBlocked()) {
      world.expectSuccess(SeamcallLeaf.TDH_MEM_RANGE_BLOCK, GPA | level, tdr, 0);
    }
  }

  private void fillTable(boolean accepted) {
    for (int i = 0; i < 512; i++) {
      if (accepted) {
        addPage(i);
      } else {
        long offset = i * PAGE;
        world.expectSuccess(SeamcallLeaf.TDH_MEM_PAGE_AUG, GPA + offset, tdr, HPA + offset);
      }
    }
  }

  private void addPage(int index) {
    world.regs().r9 = SOURCE;
    long offset = index * PAGE;
    world.expectSuccess(SeamcallLeaf.TDH_MEM_PAGE_ADD, GPA + offset, tdr, HPA + offset);
  }

  private void prepareImport(TdParams params) {
    tdr = world.createTdForImport(params, HKID);
    world.addTables(tdr, GPA, level);
    switch (state) {
      case FREE -> {}
      case NL_MAPPED, NL_BLOCKED -> world.addTables(tdr, GPA, 0);
      default -> {
        world.regs().r9 = state.isPending() ? 1 : 0;
        world.expectSuccess(SeamcallLeaf.TDH_IMPORT_MEM, GPA, tdr, HPA);
      }
    }
    world.expectSuccess(SeamcallLeaf.TDH_IMPORT_STATE_TD, tdr, 0, 0);
    world.expectSuccess(SeamcallLeaf.TDH_IMPORT_TRACK, tdr, 0, 0);
    if (state.isBlocked()) {
      world.expectSuccess(SeamcallLeaf.TDH_MEM_RANGE_BLOCK, GPA | level, tdr, 0);
    }
  }

  // The call.

  private void execute(Set<SeptState> after) {
    long before = entry();
    if (SeptEntry.state(before) != state) {
      throw new IllegalStateException("wanted " + state + ", reached " + SeptEntry.state(before));
    }
    boolean succeeded = call();
    long now = entry();
    if (succeeded) {
      after.add(SeptEntry.state(now));
    } else if (now != before) {
      throw new IllegalStateException(
          function.leafName() + " failed in " + state + " and yet changed the entry");
    } else if (world.regs().rax != error()) {
      throw new IllegalStateException(
          String.format(
              "%s in %s answers 0x%016x, not 0x%016x",
              function.leafName(), state, world.regs().rax, error()));
    }
    if (tdvpr != 0 && world.module().isInside(tdvpr)) {
      world.module().tdExit(tdvpr, ExitReason.EXTERNAL_INTERRUPT, world.regs());
    }
    world.module().audit();
  }

  /** Returns what an illegal cell answers: a status, or the reason of the exit. */
  private long error() {
    return switch (function) {
      case ACCEPT -> {
        if (state == SeptState.MAPPED) {
          yield TdxStatus.TDX_PAGE_ALREADY_ACCEPTED.withLow(level);
        }
        yield state.isTable()
            ? TdxStatus.TDX_PAGE_SIZE_MISMATCH.withLow(level)
            : ExitReason.EPT_VIOLATION;
      }
      case ATTR_RD -> ExitReason.EPT_VIOLATION;
      case ATTR_WR ->
          state.isTable()
              ? TdxStatus.TDX_PAGE_SIZE_MISMATCH.withLow(level)
              : ExitReason.EPT_VIOLATION;
      case MR_EXTEND, MEM_RD, MEM_WR -> TdxStatus.TDX_EPT_ENTRY_NOT_PRESENT.with(OperandId.RCX);
      case PAGE_ADD,
          PAGE_RELOCATE,
          EXPORT_BLOCKW,
          EXPORT_RESTORE,
          EXPORT_MEM,
          EXPORT_UNBLOCKW,
          IMPORT_MEM ->
          level > 0 // tables stand above the only level of these leaves
              ? TdxStatus.TDX_OPERAND_INVALID.with(OperandId.RCX)
              : TdxStatus.TDX_EPT_ENTRY_STATE_INCORRECT.with(OperandId.RCX);
      case RANGE_BLOCK ->
          state.isBlocked()
              ? TdxStatus.TDX_GPA_RANGE_ALREADY_BLOCKED.with(OperandId.RCX)
              : TdxStatus.TDX_EPT_ENTRY_STATE_INCORRECT.with(OperandId.RCX);
      default -> TdxStatus.TDX_EPT_ENTRY_STATE_INCORRECT.with(OperandId.RCX);
    };
  }

  private boolean call() {
    Registers regs = world.regs();
    regs.clear();
    regs.rcx = GPA | level;
    regs.rdx = tdr;
    switch (function) {
      case SEPT_ADD -> {
        // Version 1 with "allow existing": the only way in which a table is no mistake.
        regs.rdx = tdr | 1;
        regs.r8 = world.frame();
        return world.module().seamcall(SeamcallLeaf.TDH_MEM_SEPT_ADD.rax(1), regs) == 0;
      }
      case PAGE_ADD -> {
        regs.r8 = HPA;
        regs.r9 = SOURCE;
      }
      case PAGE_AUG -> regs.r8 = HPA;
      case PAGE_DEMOTE -> regs.r8 = world.frame();
      case PAGE_RELOCATE -> regs.r8 = HPA + 512 * PAGE;
      case MEM_RD, MEM_WR, MR_EXTEND -> regs.rcx = GPA;
      case IMPORT_MEM -> {
        regs.r8 = HPA;
        regs.r9 = variant;
      }
      case ACCEPT, ATTR_RD, ATTR_WR -> {
        return tdcall(regs);
      }
      default -> {}
    }
    SeamcallLeaf leaf = SeamcallLeaf.named(function.leafName());
    if (leaf == null) {
      throw new IllegalStateException("no leaf " + function.leafName());
    }
    return world.module().seamcall(leaf.rax(), regs) == 0;
  }

  private boolean tdcall(Registers regs) {
    if (function == SeptFunction.ATTR_RD) {
      regs.rcx = GPA;
    }
    TdcallLeaf leaf = TdcallLeaf.named(function.leafName());
    if (leaf == null) {
      throw new IllegalStateException("no leaf " + function.leafName());
    }
    GuestOutcome outcome = world.module().tdcall(tdvpr, leaf.rax(), regs);
    return outcome == GuestOutcome.DONE && regs.rax == 0;
  }

  private long entry() {
    return world.module().septEntry(tdr, GPA, level, new SeptWalk());
  }

  @Override
  public void close() {
    world.close();
  }
}
