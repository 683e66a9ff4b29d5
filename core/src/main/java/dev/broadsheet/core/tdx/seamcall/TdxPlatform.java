package dev.broadsheet.core.tdx.seamcall;

import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.tdx.FaultInjection;
import dev.broadsheet.core.tdx.TdxModuleConfig;
import dev.broadsheet.core.tdx.content.PageContents;
import dev.broadsheet.core.tdx.pamt.Pamt;
import dev.broadsheet.core.tdx.sept.SeptTables;
import dev.broadsheet.core.tdx.td.KeyTable;
import dev.broadsheet.core.tdx.td.TdControl;
import dev.broadsheet.core.tdx.td.TdParams;
import dev.broadsheet.core.tdx.td.Vcpu;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** What the module keeps for all TDs: configuration, PAMT, keys, tables, contents, processors. */
public final class TdxPlatform {
  private static final int MAX_PROCESSORS = 1 << 12;

  /** The configuration. */
  public final TdxModuleConfig config;

  /** Page metadata. */
  public final Pamt pamt;

  /** Secure EPT tables of all TDs. */
  public final SeptTables tables;

  /** Key ownership table. */
  public final KeyTable keys;

  /** Failures on demand. */
  public final FaultInjection faults;

  /** Initialisation of the module. */
  public final SystemState system;

  /** Page contents, or null when they are not modelled. */
  public final @Nullable PageContents contents;

  /** TD_PARAMS structures that the host put into shared memory, by address. */
  public final Map<Long, TdParams> tdParams = new ConcurrentHashMap<>();

  private final Map<Long, Integer> slotOfTdr = new ConcurrentHashMap<>();
  private final List<@Nullable TdControl> tds = new CopyOnWriteArrayList<>();
  private final List<Long> tdrOfSlot = new CopyOnWriteArrayList<>();
  private final List<@Nullable Vcpu> vcpus = new CopyOnWriteArrayList<>();
  private final AtomicReferenceArray<@Nullable Vcpu> lastVcpuOn =
      new AtomicReferenceArray<>(MAX_PROCESSORS);

  /** Creates the platform; all its memory comes from {@code memory}. */
  public TdxPlatform(KernelMemory memory, TdxModuleConfig config) {
    this.config = config;
    pamt = new Pamt(memory, config.tdmrs(), config.dynamicPamt(), config.ready(), config.threads());
    tables = new SeptTables(memory);
    keys = new KeyTable(config.firstPrivateHkid(), config.privateHkids(), config.packages());
    faults = new FaultInjection();
    system = new SystemState(config.ready());
    contents = config.contents() ? new PageContents(memory) : null;
    tds.add(null); // slot 0 is nobody
    tdrOfSlot.add(0L);
  }

  /** Registers a TD; the key table is locked. */
  TdControl createTd(long tdrHpa, int hkid) {
    Integer known = slotOfTdr.get(tdrHpa);
    int slot = known != null ? known : tds.size();
    TdControl td = new TdControl(tdrHpa, slot, hkid, config.threads());
    if (known != null) {
      tds.set(slot, td);
    } else {
      tds.add(td);
      tdrOfSlot.add(tdrHpa);
      slotOfTdr.put(tdrHpa, slot);
    }
    return td;
  }

  void forgetTd(TdControl td) {
    tds.set(td.slot, null);
  }

  /** Returns the TD with this slot. */
  public TdControl td(int slot) {
    TdControl td = tds.get(slot);
    if (td == null) {
      throw new IllegalStateException("a page names TD slot " + slot + ", which is free");
    }
    return td;
  }

  /** Returns the TDR address that a slot stands for; 0 for slot 0. */
  public long tdrHpa(int slot) {
    return tdrOfSlot.get(slot);
  }

  /** Returns all TDs whose TDR is not reclaimed. */
  public List<TdControl> liveTds() {
    List<TdControl> live = new ArrayList<>();
    for (TdControl td : tds) {
      if (td != null) {
        live.add(td);
      }
    }
    return live;
  }

  /** Registers a vCPU; returns its number. */
  synchronized int addVcpu(Vcpu vcpu) {
    int free = vcpus.indexOf(null);
    if (free >= 0) {
      vcpus.set(free, vcpu);
      return free;
    }
    vcpus.add(vcpu);
    return vcpus.size() - 1;
  }

  void forgetVcpu(int number) {
    vcpus.set(number, null);
  }

  /** Returns the vCPU with this number. */
  public Vcpu vcpu(int number) {
    Vcpu vcpu = vcpus.get(number);
    if (vcpu == null) {
      throw new IllegalStateException("a page names vCPU " + number + ", which is free");
    }
    return vcpu;
  }

  /** Returns the package of a processor. */
  int packageOf(int processor) {
    int packageId = processor / config.processorsPerPackage();
    if (processor < 0 || packageId >= config.packages()) {
      throw new IllegalArgumentException(
          String.format(
              "processor %d; there are %d packages of %d processors",
              processor, config.packages(), config.processorsPerPackage()));
    }
    return packageId;
  }

  /** Books that a vCPU enters on a processor; returns whether another was there before. */
  boolean isOtherVcpu(int processor, Vcpu vcpu) {
    int index = processor & (MAX_PROCESSORS - 1);
    // A processor enters one vCPU at a time, so nobody else writes here meanwhile.
    if (lastVcpuOn.getAcquire(index) == vcpu) {
      return false;
    }
    lastVcpuOn.setRelease(index, vcpu);
    return true;
  }

  /** Returns whether {@code hpa} is an address with a key id that TDs cannot have. */
  boolean isSharedHpa(long hpa) {
    return hpa >= 0
        && hpa >>> config.maxPhysicalBits() == 0
        && !keys.isPrivate(hpa >>> config.hpaBits());
  }
}
