package dev.broadsheet.core.vm;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.MappingListener;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.host.HostMemory;
import dev.broadsheet.core.memory.InterleavingMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.LpageInfoWords;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.mmu.fault.FaultPath;
import dev.broadsheet.core.mmu.fault.VcpuMmu;
import dev.broadsheet.core.mmu.tdp.DirtyLogging;
import dev.broadsheet.core.mmu.tdp.ExternalTables;
import dev.broadsheet.core.mmu.tdp.PageTablePort;
import dev.broadsheet.core.mmu.tdp.TdpIterator;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.TdpTree;
import dev.broadsheet.core.mmu.tdp.VcpuCaches;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StartupFill;
import dev.broadsheet.core.vm.attributes.SetMemoryAttributes;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The parts of one machine, joined as its specification says. Nothing here acts. */
final class VmParts {
  /** More retries than a sequential machine can need; one more is a fault that never ends. */
  private static final int MOST_RETRIES = 64;

  final VmSpec spec;
  final Geometry geometry;
  final Rcu rcu;
  final HostMemory host;
  final Memslots slots;
  final SlotBackings backings = new SlotBackings();
  final DirtyBitmaps dirty = new DirtyBitmaps();
  final TdpMmu mmu;
  final PageTablePort port;
  final VcpuCaches splitStock;
  final VcpuCaches loggingStock;
  final PageAttributeTracker tracker;
  final StartupFill fill;
  final PrivateLevelPolicy levelPolicy;
  final PrivateSplits splits;
  final VmFaultEnvironment environment;
  final FaultPath faultPath;
  final DirtyLogging logging;
  final KernelLock slotsLock;
  final MemslotFlow memslotFlow;
  final SetMemoryAttributes attributesFlow;
  final MappingLevels levels;
  final Billing billing = new Billing();
  final Vcpu[] vcpus;
  final @Nullable TdSide td;

  /** Tries of one access before it counts as endless. */
  final int mostRetries;

  final boolean logsDirtyBits;
  final ManualProtect manualProtect;

  VmParts(
      VmSpec spec,
      ConfiguredStrategy strategy,
      Function<String, ConfiguredStrategy> strategies,
      KernelMemory memory,
      Rcu rcu,
      Transitions transitions) {
    this.spec = spec;
    this.rcu = rcu;
    this.geometry = VmShape.geometry(spec);
    this.host =
        new HostMemory(
            (long) spec.number("host-gib") << 18,
            spec.share("fragmentation"),
            spec.number("seed"),
            spec.hasThreads(),
            // Threads that take turns must find the same frames in every schedule.
            /* atHand= */ !(memory instanceof InterleavingMemory));
    this.slots = new Memslots(geometry, spec.hasPrivateMemory());
    LpageInfoWords lpageInfo = new LpageInfoWords(slots);
    this.td = spec.isTdx() ? new TdMachine(spec, host, memory) : null;
    this.mostRetries = spec.hasThreads() ? Integer.MAX_VALUE : MOST_RETRIES;
    ExternalTables external = td == null ? null : td.external();
    this.mmu =
        new TdpMmu(
            memory,
            rcu,
            VmShape.layout(spec),
            geometry.rootLevel().number(),
            td == null ? 0 : VmShape.sharedGfnBit(spec),
            external,
            geometry.gfnLimit(),
            VmShape.policy(spec));
    this.port = new PageTablePort(mmu, memory, external);
    this.splitStock = new VcpuCaches(memory, mmu.direct(), mmu.mirror(), external);
    int initialAttributes = VmShape.initialAttributes(spec);
    this.tracker =
        strategy
            .strategy()
            .create(
                new VmContext(
                    memory,
                    rcu,
                    initialAttributes,
                    lpageInfo,
                    port,
                    new VmFrames(host, slots, backings),
                    transitions,
                    strategies,
                    geometry,
                    strategy.options()));
    mmu.tellMappings(tracker instanceof MappingListener listener ? listener : null);
    this.fill = new StartupFill(tracker, initialAttributes);
    this.levelPolicy = new PrivateLevelPolicy(spec);
    this.environment =
        new VmFaultEnvironment(
            slots, backings, dirty, tracker, fill, spec.hasPrivateMemory(), levelPolicy);
    this.faultPath =
        new FaultPath(
            mmu,
            environment,
            tracker,
            VmShape.largestLevel(spec),
            VmShape.isSince613(spec),
            spec.is("defect", "none") ? FaultPath.Defect.NONE : FaultPath.Defect.NO_STALE_CHECK);
    this.levels = new MappingLevels(geometry, slots, backings, tracker, mmu);
    this.manualProtect = ManualProtect.of(spec);
    this.logsDirtyBits = spec.is("dirty-log", "dirty-bit");
    this.loggingStock = new VcpuCaches(memory, mmu.direct(), mmu.mirror(), external);
    this.logging =
        new DirtyLogging(
            mmu, loggingStock, levels::largest, logsDirtyBits, VmShape.isSince613(spec));
    this.slotsLock = memory.lock("slots_lock");
    this.memslotFlow =
        new MemslotFlow(
            memory,
            slots,
            backings,
            dirty,
            mmu,
            tracker,
            fill,
            environment,
            logging,
            /* fastZap= */ spec.is("kind", "plain"),
            spec.is("eager-split", "on"),
            manualProtect);
    this.splits = new PrivateSplits(mmu, splitStock, spec.is("split", "conversion"));
    this.attributesFlow =
        new SetMemoryAttributes(
            tracker,
            slots,
            slotsLock,
            new VmConversionMmu(mmu, splits, spec.is("defect", "no-edge-guards")),
            spec.hasPrivateMemory() ? PageAttributes.PRIVATE : 0);
    this.vcpus = new Vcpu[spec.vcpus()];
    for (int i = 0; i < vcpus.length; i++) {
      VcpuCaches caches = new VcpuCaches(memory, mmu.direct(), mmu.mirror(), external);
      vcpus[i] = new Vcpu(i, new VcpuMmu(i, mmu, caches), new TdpIterator(mmu.direct()));
    }
  }

  /** Returns how many tables of a tree wait in caches. */
  int heldTables(TdpTree tree) {
    int held = splitStock.heldTables(tree) + loggingStock.heldTables(tree) + port.heldTables(tree);
    for (Vcpu cpu : vcpus) {
      held += cpu.mmu.caches().heldTables(tree);
    }
    return held;
  }

  /** Between two events nobody reads: grace periods end, and the reclaim worker runs. */
  void quiet() {
    if (spec.hasThreads()) {
      return;
    }
    if (rcu.pending() > 0) {
      rcu.quiescent();
    }
    if (mmu.policy().reclaimByRcu()) {
      drainReclaim();
    }
  }

  void drainReclaim() {
    do {
      rcu.quiescent();
    } while (mmu.changes().removal().runWorker() > 0);
    rcu.quiescent();
  }
}
