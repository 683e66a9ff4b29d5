package dev.broadsheet.core.tdx.td;

import dev.broadsheet.core.memory.Atomic64;
import dev.broadsheet.core.memory.OwnLines;
import dev.broadsheet.core.tdx.pamt.Pamt;
import dev.broadsheet.core.tdx.pamt.PamtRef;
import dev.broadsheet.core.tdx.sept.SeptWalk;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One vCPU: what the module keeps in its TDVPS, and whether it is inside the TD.
 *
 * <p>{@link #run} says who may touch the fields: the thread that moved it to ENTERING or EXECUTING,
 * or whoever moves it from INSIDE to LEAVING.
 */
public final class Vcpu extends OwnLines {
  private static final VcpuState[] STATES = VcpuState.values();

  /** TDVPS pages, TDVPR included, that a vCPU needs at least. */
  public static final int MIN_PAGES = 6;

  /** TDVPS pages, TDVPR included, that a vCPU can have at most. */
  public static final int MAX_PAGES = 15;

  /** GPAs that the zero-step defence remembers at most. */
  public static final int ZERO_STEP_GPAS = 32;

  /** Faults without progress that the zero-step defence tolerates. */
  public static final int ZERO_STEP_THRESHOLD = 6;

  /** No processor. */
  public static final int NO_PROCESSOR = -1;

  /** Not inside the TD. */
  public static final int OUTSIDE = 0;

  /** TDH.VP.ENTER is under way. */
  public static final int ENTERING = 1;

  /** Inside the TD, between two guest instructions. */
  public static final int INSIDE = 2;

  /** Inside the TD, a guest instruction is under way. */
  public static final int EXECUTING = 3;

  /** A TD exit is under way. */
  public static final int LEAVING = 4;

  /** Address of the TDVPR page. */
  public final long tdvprHpa;

  /** The TD. */
  public final TdControl td;

  /** One of {@link #OUTSIDE} to {@link #LEAVING}. */
  public final Atomic64 run;

  /** Processor that the vCPU is bound to, or {@link #NO_PROCESSOR}. */
  public final AtomicInteger processor = new AtomicInteger(NO_PROCESSOR);

  /** The TDVPR's PAMT entry, locked shared while inside. */
  public final PamtRef tdvprRef;

  /** The TDR's PAMT entry, locked shared while inside. */
  public final PamtRef tdrRef;

  /** Scratch of the instruction under way. */
  public final SeptWalk walk = new SeptWalk();

  /** TDVPS pages so far, TDVPR included. */
  public final AtomicInteger pages = new AtomicInteger(1);

  /** Position among the TD's vCPUs; set by TDH.VP.INIT. */
  public int index;

  /** Epoch of the last entry; 0 before the first. */
  public long epoch;

  /** How often an entry flushed the EPT translations. */
  public long flushes;

  // #VE record, as TDG.VP.VEINFO.GET reads it.

  /** Whether the record is unread. */
  public boolean veValid;

  /** Exit qualification of the record. */
  public long veQualification;

  /** GPA of the record. */
  public long veGpa;

  // TDVMCALL under way.

  /** Whether the last exit was a TDVMCALL whose answer comes with the next entry. */
  public boolean vmcallPending;

  /** Whether an answer waits for the guest. */
  public boolean vmcallAnswered;

  /** Registers that the guest exposed. */
  public long vmcallMask;

  /** {@code answer[i]}: register i (8 to 15) as the host left it. */
  public final long[] answer = new long[16];

  // Zero-step defence.

  /** Whether an instruction completed since the last entry. */
  public boolean progressed;

  /** Faults without progress. */
  public int stuckFaults;

  /** Number of GPAs remembered. */
  public int stuckGpas;

  /** {@code stuckGpa[i]}: page of a fault without progress; low bits hold the qualification. */
  public final long[] stuckGpa = new long[ZERO_STEP_GPAS];

  /** Entry lock attempts in a row that gave way to a host. */
  public int hostFirst;

  /** A number: every entry and exit changes it, and a reference costs the collector's barrier. */
  private final Atomic64 state;

  /** Creates a vCPU whose control structure has one page. */
  public Vcpu(long tdvprHpa, TdControl td, Pamt pamt) {
    this.tdvprHpa = tdvprHpa;
    this.td = td;
    this.run = new Atomic64(td.threads);
    this.state = new Atomic64(td.threads); // UNINITIALIZED is the first
    this.tdvprRef = new PamtRef(pamt);
    this.tdrRef = new PamtRef(pamt);
  }

  /** Returns the state. */
  public VcpuState state() {
    return STATES[(int) state.get()];
  }

  /** Changes the state. */
  @SuppressWarnings("EnumOrdinal") // an index into STATES, never kept elsewhere or shown
  public void setState(VcpuState next) {
    state.set(next.ordinal());
  }

  /** Books that a guest instruction completed: the zero-step defence starts over. */
  public void progress() {
    progressed = true;
    stuckFaults = 0;
    stuckGpas = 0;
    hostFirst = 0;
  }
}
