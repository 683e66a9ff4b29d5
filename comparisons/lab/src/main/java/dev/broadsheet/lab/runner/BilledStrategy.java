package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableSet;
import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.FaultAdvisor;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.MappingListener;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.OptionValues;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.Plan;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;
import dev.broadsheet.core.memory.AccessGroup;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.ForwardingContext;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.core.tdx.ModuleMemory;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A strategy whose trackers' work goes on the tracker's account: every call enters the group
 * "tracker" of the meter, and labels that a tracker allocates under are its own. Answers are those
 * of the strategy behind it.
 */
final class BilledStrategy implements TrackingStrategy {
  /** Name of the group of references, and of the group of footprints. */
  static final String TRACKER = "tracker";

  /** Name of the group of all other footprints of the kernel. */
  static final String MACHINE = "machine";

  /** Name of the group of what the TDX module keeps in memory of its own. */
  static final String MODULE = "module";

  private final TrackingStrategy inner;
  private final StrategyRegistry registry;
  private final MemoryMeter meter;
  private final AccessGroup group;
  private final Set<String> labels = new HashSet<>();

  BilledStrategy(TrackingStrategy inner, StrategyRegistry registry, MemoryMeter meter) {
    this.inner = inner;
    this.registry = registry;
    this.meter = meter;
    this.group = meter.group(TRACKER);
    meter.apart(MODULE, ModuleMemory::holds);
    meter.footprintGroup(TRACKER, labels::contains);
    meter.footprintGroup(
        MACHINE, label -> !labels.contains(label) && ModuleMemory.isKernels(label));
  }

  /** Returns the labels that trackers allocated under. */
  ImmutableSet<String> labels() {
    return ImmutableSet.copyOf(labels);
  }

  @Override
  public String id() {
    return inner.id();
  }

  @Override
  public StrategyDescription description() {
    return inner.description();
  }

  @Override
  public List<StrategyOption> options() {
    return inner.options();
  }

  @Override
  public PageAttributeTracker create(TrackerContext context) {
    AccessGroup before = meter.enter(group);
    try {
      PageAttributeTracker tracker = inner.create(new BilledContext(context));
      boolean listens = tracker instanceof MappingListener;
      boolean advises = tracker instanceof FaultAdvisor;
      if (listens && advises) {
        return new ListeningAdvisor(tracker);
      }
      if (listens) {
        return new Listening(tracker);
      }
      return advises ? new Advising(tracker) : new Billed(tracker);
    } finally {
      meter.leave(before);
    }
  }

  /** The context, with memory that notes labels. */
  private final class BilledContext extends ForwardingContext {
    private final OptionValues options;

    BilledContext(TrackerContext context) {
      this(context, context.options());
    }

    private BilledContext(TrackerContext context, OptionValues options) {
      super(context);
      this.options = options;
    }

    @Override
    public KernelMemory memory() {
      return new LabelledMemory(super.memory());
    }

    @Override
    public PageAttributeTracker create(String spec) {
      ConfiguredStrategy other = registry.configure(spec);
      return other.strategy().create(new BilledContext(inner(), other.options()));
    }

    @Override
    public OptionValues options() {
      return options;
    }
  }

  /** Notes what the tracker allocates under, before the meter opens a book for it. */
  private final class LabelledMemory implements KernelMemory {
    private final KernelMemory memory;

    LabelledMemory(KernelMemory memory) {
      this.memory = memory;
    }

    @Override
    public KernelArray array(String label, ElementWidth width, long length) {
      labels.add(label);
      return memory.array(label, width, length);
    }

    @Override
    public ObjectCache cache(String label, int objectBytes) {
      labels.add(label);
      return memory.cache(label, objectBytes);
    }

    @Override
    public KernelLock lock(String label) {
      return memory.lock(label);
    }
  }

  /** A tracker on its account. */
  private class Billed implements PageAttributeTracker {
    final PageAttributeTracker tracker;

    Billed(PageAttributeTracker tracker) {
      this.tracker = tracker;
    }

    @Override
    public int defaultAttributes() {
      return tracker.defaultAttributes();
    }

    @Override
    public int attributes(long gfn) {
      AccessGroup before = meter.enter(group);
      int attributes = tracker.attributes(gfn);
      meter.leave(before);
      return attributes;
    }

    @Override
    public PageLevel maxLevel(long gfn, PageLevel ceiling) {
      AccessGroup before = meter.enter(group);
      PageLevel level = tracker.maxLevel(gfn, ceiling);
      meter.leave(before);
      return level;
    }

    @Override
    public PageType type(long gfn, PageLevel level) {
      AccessGroup before = meter.enter(group);
      PageType type = tracker.type(gfn, level);
      meter.leave(before);
      return type;
    }

    @Override
    public long firstDifference(long gfn, long end, int attributes) {
      AccessGroup before = meter.enter(group);
      long first = tracker.firstDifference(gfn, end, attributes);
      meter.leave(before);
      return first;
    }

    @Override
    public Conversion prepare(GfnRange range, int attributes) {
      AccessGroup before = meter.enter(group);
      try {
        return new BilledConversion(tracker.prepare(range, attributes));
      } finally {
        meter.leave(before);
      }
    }

    @Override
    public void memslotAdded(Memslot slot) {
      AccessGroup before = meter.enter(group);
      try {
        tracker.memslotAdded(slot);
      } finally {
        meter.leave(before);
      }
    }

    @Override
    public void memslotRemoved(Memslot slot) {
      AccessGroup before = meter.enter(group);
      tracker.memslotRemoved(slot);
      meter.leave(before);
    }

    @Override
    public Map<String, Long> gauges() {
      return tracker.gauges();
    }

    @Override
    public void audit() {
      tracker.audit();
    }

    @Override
    public void close() {
      tracker.close();
    }

    final void billMapped(long gfn, long pfn, PageLevel level) {
      AccessGroup before = meter.enter(group);
      ((MappingListener) tracker).mapped(gfn, pfn, level);
      meter.leave(before);
    }

    final void billUnmapped(long gfn, long pfn, PageLevel level) {
      AccessGroup before = meter.enter(group);
      ((MappingListener) tracker).unmapped(gfn, pfn, level);
      meter.leave(before);
    }

    final FaultAdvisor.Advice billAdvice(long gfn, PageLevel level) {
      AccessGroup before = meter.enter(group);
      try {
        return ((FaultAdvisor) tracker).beforeMap(gfn, level);
      } finally {
        meter.leave(before);
      }
    }
  }

  private final class Listening extends Billed implements MappingListener {
    Listening(PageAttributeTracker tracker) {
      super(tracker);
    }

    @Override
    public void mapped(long gfn, long pfn, PageLevel level) {
      billMapped(gfn, pfn, level);
    }

    @Override
    public void unmapped(long gfn, long pfn, PageLevel level) {
      billUnmapped(gfn, pfn, level);
    }
  }

  private final class Advising extends Billed implements FaultAdvisor {
    Advising(PageAttributeTracker tracker) {
      super(tracker);
    }

    @Override
    public Advice beforeMap(long gfn, PageLevel level) {
      return billAdvice(gfn, level);
    }
  }

  private final class ListeningAdvisor extends Billed implements MappingListener, FaultAdvisor {
    ListeningAdvisor(PageAttributeTracker tracker) {
      super(tracker);
    }

    @Override
    public void mapped(long gfn, long pfn, PageLevel level) {
      billMapped(gfn, pfn, level);
    }

    @Override
    public void unmapped(long gfn, long pfn, PageLevel level) {
      billUnmapped(gfn, pfn, level);
    }

    @Override
    public Advice beforeMap(long gfn, PageLevel level) {
      return billAdvice(gfn, level);
    }
  }

  /** The phases of a conversion, on the tracker's account. */
  private final class BilledConversion implements Conversion {
    private final Conversion conversion;

    BilledConversion(Conversion conversion) {
      this.conversion = conversion;
    }

    @Override
    public Plan plan() {
      AccessGroup before = meter.enter(group);
      Plan plan = conversion.plan();
      meter.leave(before);
      return plan;
    }

    @Override
    public long store(long from) {
      AccessGroup before = meter.enter(group);
      long next = conversion.store(from);
      meter.leave(before);
      return next;
    }

    @Override
    public void publish() {
      AccessGroup before = meter.enter(group);
      conversion.publish();
      meter.leave(before);
    }

    @Override
    public void cancel() {
      AccessGroup before = meter.enter(group);
      conversion.cancel();
      meter.leave(before);
    }
  }
}
