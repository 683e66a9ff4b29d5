package dev.broadsheet.core.mmu;

/** What the MMU counts. Each name is the tail of a metric id. */
public enum MmuCounter {
  /** Faults that reached KVM. */
  FAULTS("faults"),
  /** Faults of private pages. */
  FAULTS_PRIVATE("faults.private"),
  /** Faults of shared pages. */
  FAULTS_SHARED("faults.shared"),
  /** Faults that a conversion caused: the page was mapped until it was zapped for one. */
  REFAULTS_BY_CONVERSION("faults.refault"),
  /** RET_PF_RETRY. */
  RET_PF_RETRY("faults.retry"),
  /** RET_PF_EMULATE. */
  RET_PF_EMULATE("faults.emulate"),
  /** RET_PF_WRITE_PROTECTED. */
  RET_PF_WRITE_PROTECTED("faults.write-protected"),
  /** RET_PF_FIXED. */
  RET_PF_FIXED("faults.fixed"),
  /** RET_PF_SPURIOUS. */
  RET_PF_SPURIOUS("faults.spurious"),
  /** Faults that ended with an error number. */
  FAULT_ERRORS("faults.error"),
  /** Memory-fault exits: the access and the attribute differ, or nothing backs the page. */
  MEMORY_FAULT_EXITS("faults.memory-fault"),
  /** Faults mended without a lock. */
  FAST_FIXED("faults.fast"),
  /** Pre-faults asked for by user space. */
  PREFAULTS("prefaults"),
  /** Retries because an invalidation ended in between. */
  RETRY_SEQUENCE("retries.sequence"),
  /** Retries because an invalidation of the gfn is open. */
  RETRY_RANGE("retries.range"),
  /** Retries because another thread owns the entry, or changed it first. */
  RETRY_FROZEN("retries.frozen"),
  /** Retries because the TDX module was busy. */
  RETRY_BUSY("retries.busy"),
  /** Retries because the slot is going. */
  RETRY_SLOT("retries.slot"),
  /** Retries because the root is obsolete. */
  RETRY_ROOT("retries.root"),
  /** Retries that the tracker asked for. */
  RETRY_TRACKER("retries.tracker"),
  /** Leaves zapped. */
  ZAPS("zaps"),
  /** Leaves zapped for a conversion. */
  ZAPS_BY_CONVERSION("zaps.conversion"),
  /** Huge leaves replaced by a table of small ones. */
  SPLITS("splits"),
  /** Tables replaced by a huge leaf. */
  PROMOTES("promotes"),
  /** Splits of private leaves by TDH.MEM.PAGE.DEMOTE. */
  DEMOTES("tdx.demotes"),
  /** Merges of private tables by TDH.MEM.PAGE.PROMOTE. */
  TDX_PROMOTES("tdx.promotes"),
  /** Tables linked. */
  TABLES_LINKED("tables.linked"),
  /** Tables unlinked. */
  TABLES_UNLINKED("tables.unlinked"),
  /** Tables made and given back because the entry was lost to another thread, or to busy. */
  TABLES_LOST("tables.lost"),
  /** Remote TLB flushes of the shared side. */
  TLB_FLUSHES("tlb.flushes"),
  /** Rounds in which all vCPUs were forced out of the guest. */
  KICKS("tdx.kicks"),
  /** TDH.MEM.TRACK rounds. */
  TRACKING_ROUNDS("tdx.tracks"),
  /** SEAMCALLs that came back busy. */
  BUSY("tdx.busy"),
  /** Blocks on which the guest's accept level forbade huge pages for good. */
  GUEST_INHIBITS("tdx.inhibits"),
  /** Walks that gave the lock up and began again. */
  YIELDS("yields"),
  /** MMIO entries made. */
  MMIO_SPTES("mmio");

  private final String id;

  MmuCounter(String id) {
    this.id = id;
  }

  /** Returns the tail of the metric id. */
  public String id() {
    return id;
  }
}
