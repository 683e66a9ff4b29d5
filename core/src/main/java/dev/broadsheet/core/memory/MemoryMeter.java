package dev.broadsheet.core.memory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The books of {@link MeteredMemory}: bytes by label, references and lines by operation, work under
 * locks.
 *
 * <pre>{@code
 * OperationKind fault = meter.operation("fault");
 * AccessGroup tracker = meter.group("tracker");
 * ...
 * meter.beginOperation(fault);
 * AccessGroup before = meter.enter(tracker);
 * ...                                  // what is touched here is the tracker's
 * meter.leave(before);
 * meter.endOperation();
 * }</pre>
 *
 * <p><b>Operations nest by suspension</b>: one that begins inside another has its own lines and
 * counts, and what it does is not the outer one's. So a fault that overlaps a conversion is booked
 * as a fault. Work outside any operation is booked under {@link #OUTSIDE}, without lines.
 *
 * <p><b>Lines</b> are 64-byte lines of modelled kernel addresses, distinct within an operation.
 *
 * <p><b>Threads.</b> Footprints are exact from many threads. Operations, groups and lock holds
 * describe one sequence of accesses: one thread at a time, or threads that a scheduler lets run one
 * by one. Concurrent accesses from other threads are safe and counted approximately.
 *
 * <p>All reports are sorted by name and the same for the same sequence of calls.
 */
public final class MemoryMeter {
  /** Bytes of a cache line. */
  public static final int LINE_BYTES = 64;

  /** Name of the kind under which work outside any operation is booked. */
  public static final String OUTSIDE = "outside";

  /** Name of the group that is entered when no other is. */
  public static final String OTHER = "other";

  /** Name of the built-in tally of allocations. */
  public static final String ALLOCATION = "allocation";

  static final int LINE_SHIFT = 6;
  static final int MOST_GROUPS = 8;
  static final int MOST_TALLIES = 8;
  private static final int DEEPEST = 16;

  private final @Nullable CacheModel caches;
  private final Map<String, OperationKind> kinds = new LinkedHashMap<>();
  private final List<AccessGroup> groups = new ArrayList<>();
  private final List<Tally> tallies = new ArrayList<>();
  private final Map<String, LabelBook> labels = new TreeMap<>();
  private final Map<String, FootprintGroup> footprintGroups = new TreeMap<>();
  private final Map<String, LockBook> locks = new TreeMap<>();
  private final FootprintBook total = new FootprintBook("total");

  private final Frame[] frames = new Frame[DEEPEST];
  private int depth;
  private Frame frame;
  private AccessGroup group;
  private int groupIndex;
  private long lastLine = -1;

  /** Creates a meter without a cache model. */
  public MemoryMeter() {
    this(List.of());
  }

  /**
   * Creates a meter.
   *
   * @param caches levels of the modelled caches, nearest first; empty for none
   */
  public MemoryMeter(List<CacheGeometry> caches) {
    this.caches = caches.isEmpty() ? null : new CacheModel(caches);
    int levels = caches.size();
    for (int i = 0; i < DEEPEST; i++) {
      frames[i] = new Frame(levels, i > 0);
    }
    group = group(OTHER);
    tally(ALLOCATION);
    frame = frames[0];
    frame.kind = operation(OUTSIDE);
  }

  /** Returns the kind of a name, registered on first use. */
  public synchronized OperationKind operation(String name) {
    int levels = caches == null ? 0 : caches.geometry().size();
    return kinds.computeIfAbsent(name, n -> new OperationKind(n, this, levels));
  }

  /**
   * Returns the group of a name, registered on first use.
   *
   * @throws IllegalStateException if there are too many
   */
  public synchronized AccessGroup group(String name) {
    for (AccessGroup known : groups) {
      if (known.name().equals(name)) {
        return known;
      }
    }
    checkRoom("access groups", groups, MOST_GROUPS);
    AccessGroup added = new AccessGroup(name, groups.size());
    groups.add(added);
    return added;
  }

  /**
   * Returns the tally of a name, registered on first use.
   *
   * @throws IllegalStateException if there are too many
   */
  public synchronized Tally tally(String name) {
    for (Tally known : tallies) {
      if (known.name().equals(name)) {
        return known;
      }
    }
    checkRoom("tallies", tallies, MOST_TALLIES);
    Tally added = new Tally(name, tallies.size());
    tallies.add(added);
    return added;
  }

  /** Returns the book of the locks of a label, opened on first use. */
  public synchronized LockBook lockBook(String label) {
    return locks.computeIfAbsent(label, l -> new LockBook(l, this));
  }

  /**
   * Adds up the labels that a predicate accepts, those to come included, with a peak of their own.
   *
   * @throws IllegalArgumentException if the name is taken
   */
  public synchronized void footprintGroup(String name, Predicate<String> accepts) {
    FootprintGroup added = new FootprintGroup(new FootprintBook(name), accepts);
    if (footprintGroups.putIfAbsent(name, added) != null) {
      throw new IllegalArgumentException("footprint group '" + name + "' exists already");
    }
    labels.forEach(
        (label, book) -> {
          if (accepts.test(label)) {
            book.join(added.book);
            added.book.join(book.own);
          }
        });
  }

  /** Begins an operation; one that is open is suspended. */
  public void beginOperation(OperationKind kind) {
    if (!kind.belongsTo(this)) {
      throw new IllegalArgumentException("operation '" + kind + "' is another meter's");
    }
    if (depth == DEEPEST - 1) {
      throw new IllegalStateException(
          "operation '" + kind + "' would nest deeper than " + (DEEPEST - 1));
    }
    frame.suspendedGroup = group;
    depth++;
    frame = frames[depth];
    frame.begin(kind);
    enter(groups.get(0));
    lastLine = -1;
  }

  /**
   * Ends the innermost operation and books it; the one around it goes on.
   *
   * @throws IllegalStateException if none is open
   */
  public void endOperation() {
    if (depth == 0) {
      throw new IllegalStateException("no operation is open");
    }
    frame.book(groups.size(), tallies.size());
    depth--;
    frame = frames[depth];
    enter(frame.suspendedGroup == null ? groups.get(0) : frame.suspendedGroup);
    lastLine = -1;
  }

  /** Books what follows on a group's account; returns the one before, for {@link #leave}. */
  public AccessGroup enter(AccessGroup entered) {
    AccessGroup before = group;
    group = entered;
    groupIndex = entered.index;
    return before;
  }

  /** Goes back to the group that {@link #enter} returned. */
  public void leave(AccessGroup before) {
    group = before;
    groupIndex = before.index;
  }

  /** Counts something besides memory references. */
  public void count(Tally tally, long times) {
    frame.tallies[tally.index] += times;
  }

  /** Returns the footprint of a label; all zero if nothing was ever allocated under it. */
  public synchronized Footprint footprint(String label) {
    LabelBook book = labels.get(label);
    return (book == null ? new FootprintBook(label) : book.own).snapshot();
  }

  /** Returns the footprint of each label. */
  public synchronized List<Footprint> footprints() {
    return labels.values().stream().map(book -> book.own.snapshot()).toList();
  }

  /**
   * Returns the footprint of a named group.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public synchronized Footprint groupFootprint(String name) {
    FootprintGroup known = footprintGroups.get(name);
    if (known == null) {
      throw new IllegalArgumentException(
          "Unknown footprint group '" + name + "'. Known: " + footprintGroups.keySet());
    }
    return known.book.snapshot();
  }

  /** Returns the footprint of each named group. */
  public synchronized List<Footprint> groupFootprints() {
    return footprintGroups.values().stream().map(g -> g.book.snapshot()).toList();
  }

  /** Returns the footprint of all labels together. */
  public synchronized Footprint totalFootprint() {
    return total.snapshot();
  }

  /** Lets every peak start anew from what is held now. */
  public synchronized void restartPeaks() {
    total.restartPeaks();
    labels.values().forEach(book -> book.own.restartPeaks());
    footprintGroups.values().forEach(g -> g.book.restartPeaks());
  }

  /** Returns what the operations of a kind did so far; those still open are not in it. */
  public synchronized OperationSummary summary(OperationKind kind) {
    SortedMap<String, AccessCounts> byGroup = new TreeMap<>();
    for (AccessGroup known : groups) {
      byGroup.put(known.name(), counts(kind, known.index, known.index + 1, known.index));
    }
    return new OperationSummary(
        kind.name(),
        kind.count,
        counts(kind, 0, MOST_GROUPS, MOST_GROUPS),
        Collections.unmodifiableSortedMap(byGroup),
        namedTallies(kind.tallySpreads, kind.count));
  }

  /** Returns what the operations of each kind did; work outside any is among them. */
  public synchronized List<OperationSummary> summaries() {
    List<OperationSummary> all = new ArrayList<>();
    for (OperationKind kind : new TreeMap<>(kinds).values()) {
      all.add(kind.name().equals(OUTSIDE) ? outside(kind) : summary(kind));
    }
    return all;
  }

  /** Returns the work under each label of locks. */
  public synchronized List<LockSummary> lockSummaries() {
    return locks.values().stream().map(LockBook::summary).toList();
  }

  /** Returns all loads and stores so far, inside operations and outside, open ones included. */
  public long references() {
    return referencesUpTo(DEEPEST - 1);
  }

  /** Returns the levels of the cache model, or an empty list. */
  public List<CacheGeometry> caches() {
    return caches == null ? List.of() : caches.geometry();
  }

  // What MeteredMemory tells.

  void load(long address) {
    Frame now = frame;
    now.loads[groupIndex]++;
    long line = address >>> LINE_SHIFT;
    if (line != lastLine) {
      touch(now, line);
    }
  }

  void store(long address) {
    Frame now = frame;
    now.stores[groupIndex]++;
    long line = address >>> LINE_SHIFT;
    if (line != lastLine) {
      touch(now, line);
    }
  }

  void loadRange(long from, long to) {
    if (from < to) {
      frame.loads[groupIndex] += wordsOf(from, to);
      touchRange(from, to);
    }
  }

  void storeRange(long from, long to) {
    if (from < to) {
      frame.stores[groupIndex] += wordsOf(from, to);
      touchRange(from, to);
    }
  }

  synchronized LabelBook label(String label) {
    LabelBook known = labels.get(label);
    if (known != null) {
      return known;
    }
    LabelBook added = new LabelBook(new FootprintBook(label), total);
    footprintGroups.values().stream()
        .filter(g -> g.accepts.test(label))
        .forEach(g -> added.join(g.book));
    labels.put(label, added);
    return added;
  }

  void countAllocation() {
    frame.tallies[0]++;
  }

  // What LockBook asks.

  int depth() {
    return depth;
  }

  int tallyCount() {
    return tallies.size();
  }

  /**
   * Returns the references ever made by the operations at a depth and around it. Operations that
   * begin deeper belong to somebody else (a fault that overlaps a conversion); but one that begins
   * outside all others is the lock holder's own.
   */
  long referencesUpTo(int holderDepth) {
    long sum = 0;
    for (int i = 0; i <= Math.max(1, holderDepth); i++) {
      sum += frames[i].references();
    }
    return sum;
  }

  long tallyUpTo(int holderDepth, int tally) {
    long sum = 0;
    for (int i = 0; i <= Math.max(1, holderDepth); i++) {
      sum += frames[i].closedTallies[tally] + frames[i].tallies[tally];
    }
    return sum;
  }

  synchronized SortedMap<String, Spread> namedTallies(ExactDistribution[] spreads, long samples) {
    SortedMap<String, Spread> named = new TreeMap<>();
    for (Tally tally : tallies) {
      Spread spread = spreads[tally.index].spread();
      named.put(tally.name(), spread.samples() == 0 ? new Spread(samples, 0, 0, 0, 0) : spread);
    }
    return Collections.unmodifiableSortedMap(named);
  }

  private void touch(Frame now, long line) {
    lastLine = line;
    if (now.hasLines && now.lines.add(line)) {
      now.lineCounts[groupIndex]++;
    }
    if (caches != null) {
      int missed = caches.access(line);
      for (int level = 0; level < missed; level++) {
        now.misses[level][groupIndex]++;
      }
    }
  }

  private void touchRange(long from, long to) {
    long last = (to - 1) >>> LINE_SHIFT;
    for (long line = from >>> LINE_SHIFT; line <= last; line++) {
      touch(frame, line);
    }
  }

  private static long wordsOf(long from, long to) {
    return ((to + 7) >>> 3) - (from >>> 3);
  }

  /** Work outside any operation: one endless operation of which only the totals mean anything. */
  private OperationSummary outside(OperationKind kind) {
    SortedMap<String, AccessCounts> byGroup = new TreeMap<>();
    for (AccessGroup known : groups) {
      byGroup.put(known.name(), outsideCounts(known.index, known.index + 1));
    }
    SortedMap<String, Spread> named = new TreeMap<>();
    for (Tally tally : tallies) {
      long times = frames[0].tallies[tally.index];
      named.put(tally.name(), new Spread(0, times, 0, 0, 0));
    }
    return new OperationSummary(kind.name(), 0, outsideCounts(0, MOST_GROUPS), byGroup, named);
  }

  private AccessCounts outsideCounts(int from, int to) {
    Frame background = frames[0];
    List<Long> misses = new ArrayList<>();
    for (long[] level : background.misses) {
      misses.add(sum(level, from, to));
    }
    return new AccessCounts(
        sum(background.loads, from, to),
        sum(background.stores, from, to),
        0,
        List.copyOf(misses),
        Spread.NONE,
        Spread.NONE);
  }

  private static AccessCounts counts(OperationKind kind, int from, int to, int spread) {
    List<Long> misses = new ArrayList<>();
    for (long[] level : kind.misses) {
      misses.add(sum(level, from, to));
    }
    return new AccessCounts(
        sum(kind.loads, from, to),
        sum(kind.stores, from, to),
        sum(kind.lines, from, to),
        List.copyOf(misses),
        kind.referenceSpreads[spread].spread(),
        kind.lineSpreads[spread].spread());
  }

  private static long sum(long[] values, int from, int to) {
    long sum = 0;
    for (int i = from; i < to; i++) {
      sum += values[i];
    }
    return sum;
  }

  private static void checkRoom(String what, List<?> used, int most) {
    if (used.size() == most) {
      throw new IllegalStateException("more than " + most + " " + what + ": " + used);
    }
  }

  /** The books that an allocation under one label goes into. */
  static final class LabelBook {
    final FootprintBook own;
    private FootprintBook[] books;

    private LabelBook(FootprintBook own, FootprintBook total) {
      this.own = own;
      this.books = new FootprintBook[] {own, total};
    }

    private void join(FootprintBook group) {
      books = Arrays.copyOf(books, books.length + 1);
      books[books.length - 1] = group;
    }

    void allocated(long size, long rounded) {
      for (FootprintBook book : books) {
        book.allocated(size, rounded);
      }
    }

    void freed(long size, long rounded) {
      for (FootprintBook book : books) {
        book.freed(size, rounded);
      }
    }

    void deferred(long size) {
      for (FootprintBook book : books) {
        book.deferred(size);
      }
    }

    void reclaimed(long size, long rounded) {
      for (FootprintBook book : books) {
        book.reclaimed(size, rounded);
      }
    }
  }

  private record FootprintGroup(FootprintBook book, Predicate<String> accepts) {}

  /** Counts of the operation that is open at one depth. */
  private static final class Frame {
    final long[] loads = new long[MOST_GROUPS];
    final long[] stores = new long[MOST_GROUPS];
    final long[] lineCounts = new long[MOST_GROUPS];
    final long[] tallies = new long[MOST_TALLIES];
    final long[] closedTallies = new long[MOST_TALLIES];
    final long[][] misses;
    final LineSet lines = new LineSet();

    /** Work outside any operation has no lines: they would be all that were ever touched. */
    final boolean hasLines;

    @Nullable OperationKind kind;
    @Nullable AccessGroup suspendedGroup;
    private long closedReferences;

    Frame(int cacheLevels, boolean hasLines) {
      this.hasLines = hasLines;
      misses = new long[cacheLevels][MOST_GROUPS];
    }

    void begin(OperationKind begun) {
      kind = begun;
      lines.clear();
    }

    /** References ever made at this depth. */
    long references() {
      return closedReferences + sum(loads, 0, MOST_GROUPS) + sum(stores, 0, MOST_GROUPS);
    }

    void book(int groups, int tallyKinds) {
      OperationKind booked = kind;
      if (booked == null) {
        throw new IllegalStateException("operation ended that was never begun");
      }
      long allReferences = 0;
      long allLines = 0;
      for (int g = 0; g < groups; g++) {
        long references = loads[g] + stores[g];
        booked.loads[g] += loads[g];
        booked.stores[g] += stores[g];
        booked.lines[g] += lineCounts[g];
        booked.referenceSpreads[g].record(references);
        booked.lineSpreads[g].record(lineCounts[g]);
        allReferences += references;
        allLines += lineCounts[g];
        loads[g] = 0;
        stores[g] = 0;
        lineCounts[g] = 0;
        for (int level = 0; level < misses.length; level++) {
          booked.misses[level][g] += misses[level][g];
          misses[level][g] = 0;
        }
      }
      booked.referenceSpreads[MOST_GROUPS].record(allReferences);
      booked.lineSpreads[MOST_GROUPS].record(allLines);
      closedReferences += allReferences;
      for (int t = 0; t < tallyKinds; t++) {
        booked.tallySpreads[t].record(tallies[t]);
        closedTallies[t] += tallies[t];
        tallies[t] = 0;
      }
      booked.count++;
      kind = null;
    }
  }
}
