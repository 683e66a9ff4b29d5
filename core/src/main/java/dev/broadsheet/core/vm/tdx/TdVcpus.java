package dev.broadsheet.core.vm.tdx;

import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.tdx.ExitReason;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.SeamcallLeaf;
import dev.broadsheet.core.tdx.TdxModule;
import dev.broadsheet.core.tdx.TdxStatus;

/**
 * The vCPUs of a TD as the host sees them: who is in, how all are forced out, and when none may
 * enter.
 */
public final class TdVcpus {
  private final TdxModule module;
  private final MmuCounters counters;
  private final long[] tdvprs;

  /** Registers of each vCPU's own thread. */
  private final Registers[] registers;

  /** Registers of whoever kicks; guarded by this. */
  private final Registers kicker = new Registers();

  private volatile boolean entryBlocked;
  private Runnable kickObserver = () -> {};

  /** Creates the book of vCPUs that were created in the module. */
  public TdVcpus(TdxModule module, MmuCounters counters, long[] tdvprs) {
    this.module = module;
    this.counters = counters;
    this.tdvprs = tdvprs.clone();
    this.registers = new Registers[tdvprs.length];
    for (int i = 0; i < tdvprs.length; i++) {
      registers[i] = new Registers();
      registers[i].processor = i;
    }
  }

  /** Sets who is told when all vCPUs are forced out. */
  public void observeKicks(Runnable observer) {
    kickObserver = observer;
  }

  /** Returns the page that names a vCPU. */
  public long tdvpr(int vcpu) {
    return tdvprs[vcpu];
  }

  /** Returns the registers that a vCPU's thread uses. */
  public Registers registers(int vcpu) {
    return registers[vcpu];
  }

  /** Returns the number of vCPUs. */
  public int count() {
    return tdvprs.length;
  }

  /**
   * Takes a vCPU into the TD (TDH.VP.ENTER); waits while entry is blocked.
   *
   * @return whether it is inside; if not, the zero-step defence sent it back with a made-up EPT
   *     violation, whose address is in R8
   * @throws IllegalStateException if the module refuses for another reason than being busy
   */
  public boolean enter(int vcpu) {
    Registers regs = registers[vcpu];
    while (true) {
      while (entryBlocked) {
        Thread.onSpinWait();
      }
      regs.rcx = tdvprs[vcpu];
      long status = module.seamcall(SeamcallLeaf.TDH_VP_ENTER, regs);
      if (status == 0) {
        return true;
      }
      if (TdxStatus.TDX_OPERAND_BUSY.matches(status)) {
        counters.add(MmuCounter.BUSY);
        Thread.onSpinWait();
        continue;
      }
      if (status >>> 32 == 0) {
        return false;
      }
      throw new IllegalStateException("TDH.VP.ENTER: " + TdxStatus.describe(status));
    }
  }

  /** Forces all vCPUs out of the guest and waits until they are. */
  public synchronized void kickAll() {
    counters.add(MmuCounter.KICKS);
    kickObserver.run();
    for (long tdvpr : tdvprs) {
      module.tdExit(tdvpr, ExitReason.EXTERNAL_INTERRUPT, kicker);
    }
  }

  /** From now on no vCPU enters, and none is inside ({@code tdh_do_no_vcpus}). */
  void blockEntry() {
    entryBlocked = true;
    kickAll();
  }

  void allowEntry() {
    entryBlocked = false;
  }
}
