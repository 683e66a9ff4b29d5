package dev.broadsheet.lab.complexity;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.LpageInfo;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.OptionValues;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.EmbeddedTracker;
import dev.broadsheet.core.strategy.ForwardingContext;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What a tracker asks of its context: it is created for one slot of 2 GiB, all private, and
 * converts one page.
 */
final class DesignProbe {
  private static final GfnRange SLOT = new GfnRange(0, 0x80000);
  private static final GfnRange PAGE = GfnRange.ofPages(0x400, 1);

  /** What is kept outside memslots is no part of a design; the house's trackers label it so. */
  private static final String OUTSIDE = "outside";

  private final Set<String> locks = new TreeSet<>();
  private boolean hasMemory;
  private boolean marksBlocks;
  private int bits;
  private int headerWords;

  private DesignProbe() {}

  /** Watches a tracker at work; errors are those of the strategy. */
  static DesignProbe of(
      ConfiguredStrategy strategy, Function<String, ConfiguredStrategy> strategies) {
    DesignProbe probe = new DesignProbe();
    ConfiguredStrategy watched =
        new ConfiguredStrategy(
            probe.new Watched(strategy.strategy(), strategies),
            strategy.options(),
            strategy.spec());
    try (EmbeddedTracker tracker =
        EmbeddedTracker.open(strategies, watched, PageAttributes.PRIVATE)) {
      tracker.addSlot(Memslot.aligned(0, SLOT));
      tracker.convert(PAGE, PageAttributes.SHARED);
    }
    return probe;
  }

  /** Returns how many software bits of the entries it reserved. */
  int bits() {
    return bits;
  }

  /** Returns how many words of each table's header it reserved, idle ones included. */
  int headerWords() {
    return headerWords;
  }

  /** Returns how many locks of its own it made. */
  int locks() {
    return locks.size();
  }

  /** Returns how many kinds of place hold its state: own memory, entries, headers, lpage_info. */
  int homes() {
    return (hasMemory ? 1 : 0)
        + (bits > 0 ? 1 : 0)
        + (headerWords > 0 ? 1 : 0)
        + (marksBlocks ? 1 : 0);
  }

  /** Stands before a port; the handler is told of each call after it was made. */
  private static <T> T watch(Class<T> port, T inner, Told told) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          try {
            Object answer = method.invoke(inner, arguments);
            told.called(method.getName(), arguments);
            return answer;
          } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
          }
        };
    return port.cast(Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, handler));
  }

  @FunctionalInterface
  private interface Told {
    void called(String method, Object[] arguments);
  }

  private final class Watched implements TrackingStrategy {
    private final TrackingStrategy inner;
    private final Function<String, ConfiguredStrategy> strategies;

    Watched(TrackingStrategy inner, Function<String, ConfiguredStrategy> strategies) {
      this.inner = inner;
      this.strategies = strategies;
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
      return inner.create(new WatchedContext(context, context.options(), strategies));
    }
  }

  private final class WatchedContext extends ForwardingContext {
    private final OptionValues options;
    private final Function<String, ConfiguredStrategy> strategies;

    WatchedContext(
        TrackerContext context,
        OptionValues options,
        Function<String, ConfiguredStrategy> strategies) {
      super(context);
      this.options = options;
      this.strategies = strategies;
    }

    @Override
    public KernelMemory memory() {
      return new WatchedMemory(super.memory());
    }

    @Override
    public LpageInfo lpageInfo() {
      return watch(
          LpageInfo.class,
          super.lpageInfo(),
          (method, arguments) ->
              marksBlocks |= method.equals("addReason") || method.equals("setMixed"));
    }

    @Override
    public Optional<PageTables> pageTables() {
      return super.pageTables()
          .map(
              tables ->
                  watch(
                      PageTables.class,
                      tables,
                      (method, arguments) -> {
                        bits += method.equals("reserveBit") ? 1 : 0;
                        headerWords +=
                            method.equals("reserveHeaderWords") ? (Integer) arguments[1] : 0;
                      }));
    }

    @Override
    public PageAttributeTracker create(String spec) {
      ConfiguredStrategy other = strategies.apply(spec);
      return other.strategy().create(new WatchedContext(inner(), other.options(), strategies));
    }

    @Override
    public OptionValues options() {
      return options;
    }
  }

  private final class WatchedMemory implements KernelMemory {
    private final KernelMemory inner;

    WatchedMemory(KernelMemory inner) {
      this.inner = inner;
    }

    @Override
    public KernelArray array(String label, ElementWidth width, long length) {
      hasMemory |= !label.equals(OUTSIDE);
      return inner.array(label, width, length);
    }

    @Override
    public ObjectCache cache(String label, int objectBytes) {
      hasMemory |= !label.equals(OUTSIDE);
      return inner.cache(label, objectBytes);
    }

    @Override
    public KernelLock lock(String label) {
      if (!label.equals(OUTSIDE)) {
        locks.add(label);
      }
      return inner.lock(label);
    }
  }
}
