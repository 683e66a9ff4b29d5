package dev.broadsheet.core.tdx.td;

import dev.broadsheet.core.memory.StripedCount;
import dev.broadsheet.core.tdx.OpState;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One TD: what the module keeps in its TDR and TDCS.
 *
 * <p>The TDR's lock is the lock of its PAMT entry. Fields without another word change only under it
 * held exclusively, and are read under it held at least shared.
 */
public final class TdControl {
  /** TDCS pages that a TD needs at least. */
  public static final int MIN_TDCS_PAGES = 6;

  /** TDCS pages that a TD can have at most. */
  public static final int MAX_TDCS_PAGES = 9;

  /** Which TDCS page, counted from 0, is the root of the Secure EPT. */
  public static final int SEPT_ROOT_PAGE = 3;

  /** Address of the TDR page. */
  public final long tdrHpa;

  /** Number that PAMT entries of the TD's pages carry. */
  public final int slot;

  /** Private key id. */
  public final int hkid;

  /** Whether several threads call the module. */
  final boolean threads;

  /** Secure EPT tree lock. */
  public final TryLock treeLock;

  /** Operation state lock. */
  public final TryLock opStateLock;

  /** TLB tracking. */
  public final TlbEpochs epochs;

  /** Build-time measurement. */
  public final Measurement measurement = new Measurement();

  /** Child pages in 4K units; the TDR can be reclaimed only at 0. */
  public final StripedCount childCount;

  /** vCPUs bound to a logical processor. */
  public final AtomicInteger associatedVcpus = new AtomicInteger();

  /** vCPUs for which TDH.VP.INIT is done. */
  public final AtomicInteger initialisedVcpus = new AtomicInteger();

  /** All vCPUs whose TDVPR page is not reclaimed. */
  public final List<Vcpu> vcpus = new CopyOnWriteArrayList<>();

  private final AtomicLong packagesWithKey = new AtomicLong();
  private final AtomicInteger tdcsPages = new AtomicInteger();
  private volatile LifeCycle lifeCycle = LifeCycle.HKID_ASSIGNED;
  private volatile OpState opState = OpState.UNINITIALIZED;
  private volatile boolean fatal;
  private volatile boolean pendingVeDisabled;
  private volatile long root;
  private TdParams params = new TdParams(0, 0, 0, 0, TdParams.EPTP_4_LEVEL, 0);
  private int rootLevel = 3;

  /**
   * Creates a TD that owns a key id and nothing else.
   *
   * @param threads whether several threads call the module
   */
  public TdControl(long tdrHpa, int slot, int hkid, boolean threads) {
    this.tdrHpa = tdrHpa;
    this.slot = slot;
    this.hkid = hkid;
    this.threads = threads;
    this.treeLock = new TryLock(threads);
    this.opStateLock = new TryLock(threads);
    this.epochs = new TlbEpochs(threads);
    this.childCount = new StripedCount(threads);
  }

  /** Returns the life cycle state. */
  public LifeCycle lifeCycle() {
    return lifeCycle;
  }

  /** Moves the life cycle on. */
  public void setLifeCycle(LifeCycle next) {
    lifeCycle = next;
  }

  /** Returns the operation state; it also changes under the operation state lock. */
  public OpState opState() {
    return opState;
  }

  /** Moves the operation state on. */
  public void setOpState(OpState next) {
    opState = next;
  }

  /** Returns whether a fatal error happened; only teardown works then. */
  public boolean isFatal() {
    return fatal;
  }

  /** Books a fatal error. */
  public void setFatal() {
    fatal = true;
  }

  /** Returns whether the key was configured on this package. */
  public boolean hasKey(int packageId) {
    return (packagesWithKey.get() >>> packageId & 1) != 0;
  }

  /** Books the key of one package; returns how many have it now. */
  public int addKey(int packageId) {
    return Long.bitCount(packagesWithKey.updateAndGet(set -> set | 1L << packageId));
  }

  /** Returns how many TDCS pages were added. */
  public int tdcsPages() {
    return tdcsPages.get();
  }

  /** Counts one more TDCS page; returns its position from 0. */
  public int addTdcsPage() {
    return tdcsPages.getAndIncrement();
  }

  /**
   * Returns the handle of the root table; 0 before its page was added and after the key is gone.
   */
  public long root() {
    return root;
  }

  /** Sets the root table. */
  public void setRoot(long table) {
    root = table;
  }

  /** Returns the level of the root's entries: 3, or 4 in a five-level tree ("pwl"). */
  public int rootLevel() {
    return rootLevel;
  }

  /** Takes over what TDH.MNG.INIT was given. */
  public void configure(TdParams accepted) {
    params = accepted;
    rootLevel = (int) (accepted.eptpControls() >>> 3) & 7;
    pendingVeDisabled = (accepted.attributes() & TdParams.SEPT_VE_DISABLE) != 0;
  }

  /** Returns what TDH.MNG.INIT was given. */
  public TdParams params() {
    return params;
  }

  /** Returns whether the host may read and write the TD's memory. */
  public boolean isDebug() {
    return (params.attributes() & TdParams.DEBUG) != 0;
  }

  /** Returns whether touching a pending page exits to the host instead of raising #VE. */
  public boolean isPendingVeDisabled() {
    return pendingVeDisabled;
  }

  /** Changes what touching a pending page does. */
  public void setPendingVeDisabled(boolean disabled) {
    pendingVeDisabled = disabled;
  }

  /** Returns the bit that makes a GPA shared: bit 51 with GPAW, else bit 47. */
  public long sharedBit() {
    return (params.configFlags() & TdParams.GPAW) != 0 ? 1L << 51 : 1L << 47;
  }

  /** Returns whether {@code gpa} can be private: no shared bit, nothing above the width. */
  public boolean isPrivate(long gpa) {
    return gpa >= 0 && gpa < sharedBit();
  }
}
