package dev.broadsheet.core.strategy;

import dev.broadsheet.api.ConversionOutcome;
import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.LpageInfoWords;
import dev.broadsheet.core.memslot.Memslots;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * A strategy for use in a program of one's own, without machine and lab: memslots, conversions, and
 * the two questions of a fault handler.
 *
 * <pre>{@code
 * try (EmbeddedTracker tracker = EmbeddedTracker.open("xarray-mixed-flag")) {
 *   tracker.addSlot(Memslot.aligned(0, new GfnRange(0, 0x80000)));
 *   tracker.convert(GfnRange.ofPages(0x200, 512), PageAttributes.PRIVATE);
 *   PageLevel level = tracker.effectiveLevel(0x200, PageLevel.PG_LEVEL_1G);
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> {@link #attributes} and {@link #effectiveLevel} may be called from any number
 * of threads at any time, and never wait; while a conversion runs they answer old or new per page.
 * A program that maps pages compares {@link #conversions()} before and after, as KVM compares its
 * invalidation sequence. All other calls are serialized by a lock of this object. {@link #close}
 * comes last and alone.
 */
public final class EmbeddedTracker implements AutoCloseable {
  private final Rcu rcu;
  private final KernelMemory memory;
  private final Memslots slots;
  private final PageAttributeTracker tracker;
  private final StartupFill fill;
  private final ReentrantLock slotsLock = new ReentrantLock();
  private final AtomicLong conversions = new AtomicLong();

  /**
   * Creates a tracker over given parts: for tests and measurements.
   *
   * @param memory where slots and tracker take their memory
   * @param rcu the memory's
   */
  public EmbeddedTracker(
      KernelMemory memory,
      Rcu rcu,
      Geometry geometry,
      int initialAttributes,
      Transitions transitions,
      Function<String, ConfiguredStrategy> strategies,
      ConfiguredStrategy strategy) {
    this.rcu = rcu;
    this.memory = memory;
    this.slots = new Memslots(geometry, /* privateMemory= */ true);
    StandaloneContext context =
        new StandaloneContext(
            memory,
            rcu,
            slots,
            new LpageInfoWords(slots),
            initialAttributes,
            transitions,
            geometry,
            strategies,
            strategy.options());
    this.tracker = strategy.strategy().create(context);
    this.fill = new StartupFill(tracker, initialAttributes);
  }

  /**
   * Opens a strategy of the class path, in plain memory; every page begins as shared.
   *
   * @param spec id and options, such as {@code memslot-array[encoding=packed]}
   * @throws IllegalArgumentException if the strategy or an option is unknown; the message lists the
   *     known
   * @throws dev.broadsheet.api.UnmetRequirementException if it needs a virtual machine's page
   *     tables
   */
  public static EmbeddedTracker open(String spec) {
    return open(spec, PageAttributes.SHARED);
  }

  /** Opens a strategy; every page begins with the given attributes. */
  public static EmbeddedTracker open(String spec, int initialAttributes) {
    StrategyRegistry registry = StrategyRegistry.load();
    return open(registry::configure, registry.configure(spec), initialAttributes);
  }

  /** Opens a configured strategy in plain memory. */
  public static EmbeddedTracker open(
      Function<String, ConfiguredStrategy> strategies,
      ConfiguredStrategy strategy,
      int initialAttributes) {
    Rcu rcu = new Rcu();
    return new EmbeddedTracker(
        new PlainMemory(rcu),
        rcu,
        Geometry.standard(),
        initialAttributes,
        StandaloneContext.NO_TRANSITIONS,
        strategies,
        strategy);
  }

  /**
   * Adds a memslot. Attributes that its pages were given before hold for it.
   *
   * @throws IllegalArgumentException if its number is taken or it overlaps another slot
   * @throws KernelOutOfMemoryException if there is no memory; the slot does not exist then
   */
  public void addSlot(Memslot slot) {
    slotsLock.lock();
    try {
      KvmMemslot added = new KvmMemslot(memory, slot, 0);
      try {
        slots.insert(added);
      } catch (IllegalArgumentException e) {
        added.free();
        throw e;
      }
      addToTracker(added);
    } finally {
      slotsLock.unlock();
    }
  }

  private void addToTracker(KvmMemslot added) {
    try {
      tracker.memslotAdded(added.slot());
    } catch (KernelOutOfMemoryException e) {
      release(added);
      throw e;
    }
    try {
      fill.fill(added.range());
    } catch (KernelOutOfMemoryException e) {
      tracker.memslotRemoved(added.slot());
      release(added);
      throw e;
    }
  }

  private void release(KvmMemslot slot) {
    slots.remove(slot);
    rcu.call(slot::free);
    rcu.poll();
  }

  /**
   * Removes a memslot; the attributes of its pages stay.
   *
   * @throws IllegalArgumentException if there is no slot with this number
   */
  public void removeSlot(int id) {
    slotsLock.lock();
    try {
      KvmMemslot slot = slots.byId(id);
      if (slot == null) {
        throw new IllegalArgumentException("no memslot " + id + " to remove; add it first");
      }
      tracker.memslotRemoved(slot.slot());
      release(slot);
    } finally {
      slotsLock.unlock();
    }
  }

  /**
   * Gives every page of a range new attributes.
   *
   * @param range may span slots and holes
   * @throws KernelOutOfMemoryException if there is no memory; nothing has changed then
   */
  public ConversionOutcome convert(GfnRange range, int attributes) {
    slotsLock.lock();
    try {
      fill.fill(range);
      ConversionOutcome outcome = tracker.convert(range, attributes);
      conversions.incrementAndGet();
      rcu.poll();
      return outcome;
    } finally {
      slotsLock.unlock();
    }
  }

  /** Returns the attributes of one page; see {@link PageAttributeTracker#attributes}. */
  public int attributes(long gfn) {
    Rcu.Reader reader = rcu.reader();
    reader.lock();
    try {
      return fill.attributes(gfn);
    } finally {
      reader.unlock();
    }
  }

  /**
   * Returns the largest level at which a page may be mapped: what large-page words and tracker
   * allow. Outside memslots 4K.
   *
   * @param ceiling 4K, 2M or 1G: the largest that the host's memory allows
   */
  public PageLevel effectiveLevel(long gfn, PageLevel ceiling) {
    Rcu.Reader reader = rcu.reader();
    reader.lock();
    try {
      KvmMemslot slot = slots.find(gfn);
      return slot == null ? PageLevel.PG_LEVEL_4K : EffectiveLevel.of(slot, tracker, gfn, ceiling);
    } finally {
      reader.unlock();
    }
  }

  /** Returns what the block of {@code level} around {@code gfn} is. */
  public PageType type(long gfn, PageLevel level) {
    slotsLock.lock();
    try {
      return tracker.type(gfn, level);
    } finally {
      slotsLock.unlock();
    }
  }

  /** Returns how many conversions have ended: equal values mean that none came between. */
  public long conversions() {
    return conversions.get();
  }

  /** Returns the tracker itself, for callers that keep its locking rules. */
  public PageAttributeTracker tracker() {
    return tracker;
  }

  /** Returns the memslots, for reading. */
  public Memslots slots() {
    return slots;
  }

  /** Recomputes the truth and throws {@link IllegalStateException} on a difference. */
  public void audit() {
    slotsLock.lock();
    try {
      tracker.audit();
    } finally {
      slotsLock.unlock();
    }
  }

  /** Removes all slots and frees all kernel memory. */
  @Override
  public void close() {
    slotsLock.lock();
    try {
      while (slots.table().size() > 0) {
        removeSlot(slots.table().at(0).id());
      }
      tracker.close();
      rcu.barrier();
    } finally {
      slotsLock.unlock();
    }
  }
}
