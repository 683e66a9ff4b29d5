package dev.broadsheet.core.tdx;

import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.tdx.content.PageContents;
import dev.broadsheet.core.tdx.guest.GuestSide;
import dev.broadsheet.core.tdx.guest.TdExit;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.pamt.PamtRef;
import dev.broadsheet.core.tdx.seamcall.SeamcallFrame;
import dev.broadsheet.core.tdx.seamcall.SeamcallHandler;
import dev.broadsheet.core.tdx.seamcall.SeamcallTable;
import dev.broadsheet.core.tdx.seamcall.TdxPlatform;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptTables;
import dev.broadsheet.core.tdx.sept.SeptWalk;
import dev.broadsheet.core.tdx.td.TdControl;
import dev.broadsheet.core.tdx.td.TdParams;
import dev.broadsheet.core.tdx.td.Vcpu;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The TDX module: the one door through which host and guest reach it.
 *
 * <p>The host calls {@link #seamcall}; a vCPU that TDH.VP.ENTER took inside executes guest
 * instructions by {@link #tdcall} and {@link #access} until one of them, or a {@link #tdExit kick},
 * takes it out. The module never waits and never calls back: what it cannot do now it answers with
 * a status.
 *
 * <p>All Secure EPT tables and page metadata come from the {@link KernelMemory} given at creation.
 * Hot functions (SEPT.ADD, AUG, BLOCK, TRACK, REMOVE, VP.ENTER, ACCEPT, accesses) allocate nothing.
 * Safe for use from many threads, each with {@link Registers} of its own, unless the configuration
 * says that one thread calls.
 */
public final class TdxModule implements AutoCloseable {
  private final TdxPlatform platform;
  private final SeamcallTable table;
  private final GuestSide guest;
  private final SeamcallCounters counters;
  private final TdxAudit audit;
  private Consumer<SeamcallLeaf> observer = leaf -> {};

  /**
   * Loads a module.
   *
   * @param moduleMemory where page metadata and Secure EPT tables live
   */
  public TdxModule(KernelMemory moduleMemory, TdxModuleConfig config) {
    platform = new TdxPlatform(moduleMemory, config);
    table = new SeamcallTable(platform);
    guest = new GuestSide(platform);
    counters = new SeamcallCounters(config.threads());
    audit = new TdxAudit(platform);
  }

  // The host's side.

  /**
   * Executes a SEAMCALL.
   *
   * @param rax leaf in bits 15:0, version in bits 23:16
   * @param regs operands; outputs afterwards, and the status also in RAX
   * @return the status, RAX
   */
  public long seamcall(long rax, Registers regs) {
    SeamcallLeaf leaf = SeamcallLeaf.of(rax & 0xffff);
    if (leaf == null) {
      regs.rax = TdxStatus.TDX_OPERAND_INVALID.with(OperandId.RAX);
      return regs.rax;
    }
    int version = (int) (rax >>> 16) & 0xff;
    boolean valid = rax >>> 24 == 0 && version <= leaf.maxVersion();
    long status =
        valid ? dispatch(leaf, version, regs) : TdxStatus.TDX_OPERAND_INVALID.with(OperandId.RAX);
    return answer(leaf, status, regs);
  }

  /** Executes a SEAMCALL of version 0. */
  public long seamcall(SeamcallLeaf leaf, Registers regs) {
    return answer(leaf, dispatch(leaf, 0, regs), regs);
  }

  private long answer(SeamcallLeaf leaf, long status, Registers regs) {
    counters.count(leaf, status);
    observer.accept(leaf);
    regs.rax = status;
    return status;
  }

  private long dispatch(SeamcallLeaf leaf, int version, Registers regs) {
    long stopped = platform.system.check(leaf);
    if (stopped != 0) {
      return stopped;
    }
    SeamcallHandler handler = table.handler(leaf);
    if (handler == null) {
      return TdxStatus.TDX_OPERAND_INVALID.with(OperandId.RAX);
    }
    boolean interrupt = false;
    long injected = platform.faults.next(leaf);
    if (injected != 0) {
      interrupt = TdxStatus.TDX_INTERRUPTED_RESTARTABLE.matches(injected) && looksItself(leaf);
      if (!interrupt) {
        return answerInjected(injected, leaf, regs);
      }
    }
    SeamcallFrame frame = frame(regs);
    frame.begin(regs, leaf, version, interrupt);
    try {
      return SeamcallTable.call(handler, frame, regs);
    } finally {
      frame.release();
    }
  }

  /** Returns whether the function looks for interrupts at a place of its own. */
  private boolean looksItself(SeamcallLeaf leaf) {
    return switch (leaf) {
      case TDH_MEM_PAGE_PROMOTE, TDH_PHYMEM_CACHE_WB -> true;
      case TDH_MEM_PAGE_DEMOTE -> !platform.config.demoteUninterruptible();
      default -> false;
    };
  }

  private static long answerInjected(long status, SeamcallLeaf leaf, Registers regs) {
    boolean restart = TdxStatus.TDX_INTERRUPTED_RESTARTABLE.matches(status);
    if (!restart && leaf.leafName().startsWith("TDH.MEM.")) {
      regs.rcx = 0;
      regs.rdx = 0;
    }
    return status;
  }

  private SeamcallFrame frame(Registers regs) {
    SeamcallFrame frame = regs.frame;
    return frame != null && frame.platform() == platform ? frame : newFrame(regs);
  }

  private SeamcallFrame newFrame(Registers regs) {
    SeamcallFrame frame = new SeamcallFrame(platform);
    regs.frame = frame;
    return frame;
  }

  // The guest's side.

  /** Sets who is told of every call, after it was made; from the thread that made it. */
  public void observe(Consumer<SeamcallLeaf> newObserver) {
    observer = newObserver;
  }

  /**
   * Executes a TDCALL of a vCPU that is inside.
   *
   * @param tdvprHpa names the vCPU
   * @param rax leaf in bits 15:0
   * @param regs operands and outputs; the status in RAX when the outcome is DONE; what the host
   *     sees when it is TD_EXIT
   */
  public GuestOutcome tdcall(long tdvprHpa, long rax, Registers regs) {
    Vcpu vcpu = startInstruction(tdvprHpa, regs);
    if (vcpu == null) {
      return GuestOutcome.NOT_INSIDE;
    }
    GuestOutcome outcome = GuestOutcome.DONE;
    try {
      outcome = tdcall(vcpu, rax, regs);
      return outcome;
    } finally {
      endInstruction(vcpu, outcome);
    }
  }

  private GuestOutcome tdcall(Vcpu vcpu, long rax, Registers regs) {
    TdcallLeaf leaf = TdcallLeaf.of(rax & 0xffff);
    if (rax >>> 16 != 0 || leaf == null) {
      regs.rax = TdxStatus.TDX_OPERAND_INVALID.with(OperandId.RAX);
      return GuestOutcome.DONE;
    }
    long injected = platform.faults.next(leaf);
    if (injected != 0) {
      if (TdxStatus.TDX_INTERRUPTED_RESTARTABLE.matches(injected)) {
        return GuestOutcome.INTERRUPTED;
      }
      regs.rax = injected;
      counters.count(leaf, injected);
      return GuestOutcome.DONE;
    }
    GuestOutcome outcome = guest.tdcall(vcpu, leaf, regs);
    if (outcome == GuestOutcome.DONE) {
      counters.count(leaf, regs.rax);
    }
    return outcome;
  }

  /**
   * Executes a memory access of a vCPU that is inside. With contents modelled, a write stores RAX
   * and a read loads it.
   *
   * @param gpa any byte of the page; a shared one is not the module's business: outcome SHARED
   * @param regs what the host sees when the outcome is TD_EXIT
   */
  public GuestOutcome access(long tdvprHpa, long gpa, AccessKind kind, Registers regs) {
    Vcpu vcpu = startInstruction(tdvprHpa, regs);
    if (vcpu == null) {
      return GuestOutcome.NOT_INSIDE;
    }
    GuestOutcome outcome = GuestOutcome.DONE;
    try {
      outcome = guest.access(vcpu, gpa, kind, regs);
      return outcome;
    } finally {
      endInstruction(vcpu, outcome);
    }
  }

  /**
   * The guest takes an interrupt: its RIP moves without an instruction that this model knows, so
   * the zero-step defence starts over.
   *
   * @return whether the vCPU is inside the TD; if not, nothing happened
   */
  public boolean guestInterrupt(long tdvprHpa, Registers regs) {
    Vcpu vcpu = startInstruction(tdvprHpa, regs);
    if (vcpu == null) {
      return false;
    }
    vcpu.progress();
    endInstruction(vcpu, GuestOutcome.DONE);
    return true;
  }

  /** Takes a vCPU out because the host's table does not translate a shared GPA. */
  public GuestOutcome sharedViolation(long tdvprHpa, long gpa, AccessKind kind, Registers regs) {
    Vcpu vcpu = startInstruction(tdvprHpa, regs);
    if (vcpu == null) {
      return GuestOutcome.NOT_INSIDE;
    }
    GuestOutcome outcome = GuestOutcome.DONE;
    try {
      outcome = guest.sharedViolation(vcpu, gpa, kind, regs);
      return outcome;
    } finally {
      endInstruction(vcpu, outcome);
    }
  }

  /**
   * Takes a vCPU out of the TD, as an external interrupt does: the host's kick. Waits for the guest
   * instruction under way, which is short.
   *
   * @param reason exit reason, for RAX
   * @return whether it was inside; RAX then holds the reason, RCX, RDX and R8 are 0
   */
  public boolean tdExit(long tdvprHpa, int reason, Registers regs) {
    Vcpu vcpu = vcpu(tdvprHpa, regs);
    while (true) {
      long run = vcpu.run.get();
      if (run == Vcpu.OUTSIDE) {
        return false;
      }
      if (run == Vcpu.INSIDE && vcpu.run.compareAndSet(run, Vcpu.LEAVING)) {
        regs.rax = TdxStatus.TDX_SUCCESS.withLow(reason);
        regs.rcx = 0;
        regs.rdx = 0;
        regs.r8 = 0;
        TdExit.leave(vcpu);
        return true;
      }
      Thread.onSpinWait();
    }
  }

  /**
   * Hands the guest the host's answer to its last TDVMCALL, after the next TDH.VP.ENTER: RAX = 0
   * and the exposed registers among R8 to R15, R10 = status, R11 = value.
   *
   * @return whether there was an answer that the guest had not taken yet
   */
  public boolean vmcallAnswer(long tdvprHpa, Registers regs) {
    Vcpu vcpu = startInstruction(tdvprHpa, regs);
    if (vcpu == null) {
      return false;
    }
    try {
      if (!vcpu.vmcallAnswered) {
        return false;
      }
      vcpu.vmcallAnswered = false;
      regs.rax = TdxStatus.TDX_SUCCESS.value();
      for (int i = 8; i < 16; i++) {
        regs.set(i, vcpu.answer[i]);
      }
      return true;
    } finally {
      endInstruction(vcpu, GuestOutcome.DONE);
    }
  }

  /** Returns whether a vCPU is inside the TD. */
  public boolean isInside(long tdvprHpa) {
    long run = vcpu(tdvprHpa, new PamtRef(platform.pamt)).run.get();
    return run == Vcpu.INSIDE || run == Vcpu.EXECUTING;
  }

  /**
   * Marks a vCPU as executing an instruction. The processor knows which one it took inside last;
   * only for another, or one that left, the page is looked up.
   *
   * @return the vCPU, or null if it is not inside
   */
  private @Nullable Vcpu startInstruction(long tdvprHpa, Registers regs) {
    Vcpu entered = frame(regs).entered();
    if (entered != null && entered.tdvprHpa == tdvprHpa && startInstruction(entered)) {
      return entered;
    }
    Vcpu vcpu = vcpu(tdvprHpa, regs);
    return startInstruction(vcpu) ? vcpu : null;
  }

  private static boolean startInstruction(Vcpu vcpu) {
    while (!vcpu.run.compareAndSet(Vcpu.INSIDE, Vcpu.EXECUTING)) {
      long run = vcpu.run.get();
      if (run == Vcpu.OUTSIDE || run == Vcpu.ENTERING) {
        return false;
      }
      if (run == Vcpu.EXECUTING) {
        throw new IllegalStateException(
            "two threads execute guest instructions of one vCPU at a time");
      }
      Thread.onSpinWait();
    }
    return true;
  }

  private static void endInstruction(Vcpu vcpu, GuestOutcome outcome) {
    if (outcome.leavesTd()) {
      TdExit.leave(vcpu);
    } else {
      vcpu.run.set(Vcpu.INSIDE);
    }
  }

  private Vcpu vcpu(long tdvprHpa, Registers regs) {
    return vcpu(tdvprHpa, frame(regs).scratch());
  }

  private Vcpu vcpu(long tdvprHpa, PamtRef place) {
    if (!platform.pamt.peek(place, tdvprHpa) || place.type() != PageType.PT_TDVPR) {
      throw new IllegalArgumentException(
          String.format("0x%x is no TDVPR page; create the vCPU by TDH.VP.CREATE", tdvprHpa));
    }
    return platform.vcpu((int) place.epoch());
  }

  // What the host does beside SEAMCALLs.

  /** Puts a TD_PARAMS structure into shared memory, for TDH.MNG.INIT to read. */
  public void writeTdParams(long hpa, TdParams params) {
    platform.tdParams.put(hpa, params);
  }

  /** Writes a page with the host's key; needs contents in the configuration. */
  public void hostWrite(long hpa, long value) {
    contents().write(hpa, PageContents.HOST_KEY, value);
  }

  /** Reads a page with the host's key: plaintext only if the host wrote it last. */
  public long hostRead(long hpa) {
    return contents().read(hpa, PageContents.HOST_KEY);
  }

  /** Returns what pages hold; needs contents in the configuration. */
  public PageContents contents() {
    if (platform.contents == null) {
      throw new IllegalStateException("page contents are not modelled; switch contents(true) on");
    }
    return platform.contents;
  }

  /** Returns the failures on demand. */
  public FaultInjection faults() {
    return platform.faults;
  }

  // Debug readers: no SEAMCALLs, no locks; for quiet points.

  /**
   * Returns the entry of {@code gpa} at {@code level}, or where the walk stopped above, as raw bits
   * without lock bits.
   *
   * @param walk receives the level reached
   */
  public long septEntry(long tdrHpa, long gpa, int level, SeptWalk walk) {
    TdControl td = td(tdrHpa);
    if (td.root() == 0) {
      throw new IllegalStateException("the TD has no Secure EPT (any more)");
    }
    walk.walk(platform.tables, td.root(), td.rootLevel(), gpa, level);
    return walk.entry & ~(SeptEntry.LOCK | SeptEntry.HOST_PRIORITY);
  }

  /** Receives the entries of a Secure EPT that are not FREE. */
  @FunctionalInterface
  public interface SeptVisitor {
    /** One entry: first GPA that it covers, level, raw bits without lock bits. */
    void entry(long gpa, int level, long entry);
  }

  /** Shows all entries of a TD that are not FREE, parents before children. */
  public void visitSept(long tdrHpa, SeptVisitor visitor) {
    audit.visit(td(tdrHpa), visitor);
  }

  /** Receives the pages of a TD. */
  @FunctionalInterface
  public interface PageVisitor {
    /** One page: its address, level and type. */
    void page(long hpa, int level, PageType type);
  }

  /** Shows all child pages of a TD, by address; the TDR itself is none. */
  public void visitPages(long tdrHpa, PageVisitor visitor) {
    audit.visitPages(td(tdrHpa), visitor);
  }

  /** Returns the type of the page that holds {@code hpa}. */
  public PageType pageType(long hpa) {
    PamtRef place = new PamtRef(platform.pamt);
    if (!platform.pamt.peek(place, hpa)) {
      throw new IllegalArgumentException(String.format("0x%x is outside all TDMRs", hpa));
    }
    return place.type();
  }

  /** Returns what the module keeps about a TD. */
  public TdControl td(long tdrHpa) {
    PamtRef place = new PamtRef(platform.pamt);
    if (!platform.pamt.peek(place, tdrHpa) || place.type() != PageType.PT_TDR) {
      throw new IllegalArgumentException(
          String.format("0x%x is no TDR page; create the TD by TDH.MNG.CREATE", tdrHpa));
    }
    return platform.td((int) place.epoch());
  }

  /** Returns the words of all Secure EPT tables, for whoever plays another host. */
  public SeptTables tables() {
    return platform.tables;
  }

  /** Returns the counts of calls by function and status. */
  public SeamcallCounters counters() {
    return counters;
  }

  /** Returns the configuration. */
  public TdxModuleConfig config() {
    return platform.config;
  }

  /** Returns what page metadata takes on real hardware, in bytes. */
  public long pamtBytes() {
    return platform.pamt.realBytes();
  }

  /** Returns what Secure EPT tables take on real hardware, in bytes, roots included. */
  public long septBytes() {
    return platform.tables.live() * SeptTables.TABLE_BYTES;
  }

  /**
   * Recounts everything and compares, at a quiet point: no call may be under way.
   *
   * @throws IllegalStateException if an invariant is broken; the message says which and where
   */
  public void audit() {
    audit.run();
  }

  /** Gives all memory back. No call may be under way, and none may follow. */
  @Override
  public void close() {
    for (TdControl td : platform.liveTds()) {
      if (td.root() != 0) {
        platform.tables.freeTree(td.root(), td.rootLevel());
        td.setRoot(0);
      }
    }
    platform.pamt.close();
    if (platform.contents != null) {
      platform.contents.close();
    }
  }
}
