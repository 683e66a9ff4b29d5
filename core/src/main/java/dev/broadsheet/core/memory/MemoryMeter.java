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
 * <p><b>Groups apart</b> take what lies under certain labels, whoever touches it, and are in no
 * total: the TDX module's tables are not the kernel's memory.
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

  /** Name of the built-in tally of compare-and-sets and additions. */
  public static final String ATOMIC = "atomic";

  /** Name of the built-in tally of locks taken. */
  public static final String LOCK = "lock";

  /** Name of the built-in tally of whole 4 KiB pages that allocations zeroed. */
  public static final String PAGE = "page";

  static final int LINE_SHIFT = 6;
  static final int MOST_GROUPS = 8;
  static final int MOST_TALLIES = 8;
  private static final int ALLOCATION_INDEX = 0;
  private static final int ATOMIC_INDEX = 1;
  private static final int LOCK_INDEX = 2;
  private static final int PAGE_INDEX = 3;
  private static final int PAGE_SHIFT = 12;
  private static final int DEEPEST = 16;

  private final @Nullable CacheModel caches;
  private final Map<String, OperationKind> kinds = new LinkedHashMap<>();
  private final List<AccessGroup> groups = new ArrayList<>();
  private final List<Tally> tallies = new ArrayList<>();
  private final Map<String, LabelBook> labels = new TreeMap<>();
  private final Map<String, FootprintGroup> footprintGroups = new TreeMap<>();
  private final Map<String, LockBook> locks = new TreeMap<>();
  private final FootprintBook total = new FootprintBook("total");

  /** Groups whose work is somebody else's: in no total and under no lock. */
  private final boolean[] apart = new boolean[MOST_GROUPS];

  private final List<ApartLabels> apartLabels = new ArrayList<>();
  private final EndedOperation ended = new EndedOperation();
  private final Frame[] frames = new Frame[DEEPEST];
  private int depth;
  private Frame frame;
  private AccessGroup group;
  private int groupIndex;
  private long lastLine = -1;
  private boolean cachesPaused;

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
      frames[i] = new Frame(levels, i > 0, apart);
    }
    group = group(OTHER);
    for (String builtIn : new String[] {ALLOCATION, ATOMIC, LOCK, PAGE}) {
      tally(builtIn);
    }
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

  /**
   * Books whatever lies under certain labels on a group of its own, whoever is entered, and leaves
   * it out of all totals: memory that is not the kernel's, such as the TDX module's. Holds for what
   * is allocated from now on.
   */
  public synchronized void apart(String name, Predicate<String> accepts) {
    AccessGroup added = group(name);
    apart[added.index] = true;
    apartLabels.add(new ApartLabels(added, accepts));
  }

  /** Returns the index of the group apart that a label belongs to, or -1. */
  synchronized int apartIndex(String label) {
    for (ApartLabels known : apartLabels) {
      if (known.accepts.test(label)) {
        return known.group.index;
      }
    }
    return -1;
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
    frame.book(groups.size(), tallies.size(), ended);
    depth--;
    frame = frames[depth];
    enter(frame.suspendedGroup == null ? groups.get(0) : frame.suspendedGroup);
    lastLine = -1;
  }

  /**
   * Returns what the operation did that ended last, apart groups left out of its totals.
   *
   * @return a view that the next end overwrites
   */
  public EndedOperation ended() {
    return ended;
  }

  /** Pauses the cache model, for questions that the kernel would not ask; or lets it go on. */
  public void pauseCaches(boolean isPaused) {
    cachesPaused = isPaused;
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
      byGroup.put(known.name(), counts(kind, only(known.index), known.index));
    }
    return new OperationSummary(
        kind.name(),
        kind.count,
        counts(kind, total(), MOST_GROUPS),
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

  // An account is the index of a group apart, or -1 for the group that is entered.

  void load(int account, long address) {
    Frame now = frame;
    int billed = account < 0 ? groupIndex : account;
    now.loads[billed]++;
    long line = address >>> LINE_SHIFT;
    if (line != lastLine) {
      touch(now, billed, line);
    }
  }

  void store(int account, long address) {
    Frame now = frame;
    int billed = account < 0 ? groupIndex : account;
    now.stores[billed]++;
    long line = address >>> LINE_SHIFT;
    if (line != lastLine) {
      touch(now, billed, line);
    }
  }

  void atomic(int account, long address) {
    store(account, address);
    if (account < 0) {
      frame.tallies[ATOMIC_INDEX]++;
    }
  }

  void loadRange(int account, long from, long to) {
    if (from < to) {
      int billed = account < 0 ? groupIndex : account;
      frame.loads[billed] += wordsOf(from, to);
      touchRange(billed, from, to);
    }
  }

  void storeRange(int account, long from, long to) {
    if (from < to) {
      int billed = account < 0 ? groupIndex : account;
      frame.stores[billed] += wordsOf(from, to);
      touchRange(billed, from, to);
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

  void countAllocation(int account, long bytes) {
    if (account < 0) {
      frame.tallies[ALLOCATION_INDEX]++;
      frame.tallies[PAGE_INDEX] += bytes >>> PAGE_SHIFT;
    }
  }

  void countLock() {
    frame.tallies[LOCK_INDEX]++;
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

  private void touch(Frame now, int billed, long line) {
    lastLine = line;
    if (now.hasLines && now.lines.add(line)) {
      now.lineCounts[billed]++;
    }
    if (caches != null && !cachesPaused) {
      int missed = caches.access(line);
      for (int level = 0; level < missed; level++) {
        now.misses[level][billed]++;
      }
    }
  }

  private void touchRange(int billed, long from, long to) {
    long last = (to - 1) >>> LINE_SHIFT;
    for (long line = from >>> LINE_SHIFT; line <= last; line++) {
      touch(frame, billed, line);
    }
  }

  private static long wordsOf(long from, long to) {
    return ((to + 7) >>> 3) - (from >>> 3);
  }

  /** Work outside any operation: one endless operation of which only the totals mean anything. */
  private OperationSummary outside(OperationKind kind) {
    SortedMap<String, AccessCounts> byGroup = new TreeMap<>();
    for (AccessGroup known : groups) {
      byGroup.put(known.name(), outsideCounts(only(known.index)));
    }
    SortedMap<String, Spread> named = new TreeMap<>();
    for (Tally tally : tallies) {
      long times = frames[0].tallies[tally.index];
      named.put(tally.name(), new Spread(0, times, 0, 0, 0));
    }
    return new OperationSummary(kind.name(), 0, outsideCounts(total()), byGroup, named);
  }

  private static boolean[] only(int index) {
    boolean[] groups = new boolean[MOST_GROUPS];
    groups[index] = true;
    return groups;
  }

  /** All groups but those apart. */
  private boolean[] total() {
    boolean[] groups = new boolean[MOST_GROUPS];
    for (int g = 0; g < MOST_GROUPS; g++) {
      groups[g] = !apart[g];
    }
    return groups;
  }

  private AccessCounts outsideCounts(boolean[] of) {
    Frame background = frames[0];
    List<Long> misses = new ArrayList<>();
    for (long[] level : background.misses) {
      misses.add(sum(level, of));
    }
    return new AccessCounts(
        sum(background.loads, of),
        sum(background.stores, of),
        0,
        List.copyOf(misses),
        Spread.NONE,
        Spread.NONE,
        Collections.emptySortedMap());
  }

  private static AccessCounts counts(OperationKind kind, boolean[] of, int spread) {
    List<Long> misses = new ArrayList<>();
    for (long[] level : kind.misses) {
      misses.add(sum(level, of));
    }
    return new AccessCounts(
        sum(kind.loads, of),
        sum(kind.stores, of),
        sum(kind.lines, of),
        List.copyOf(misses),
        kind.referenceSpreads[spread].spread(),
        kind.lineSpreads[spread].spread(),
        kind.lineSpreads[spread].counts());
  }

  private static long sum(long[] values, boolean[] of) {
    long sum = 0;
    for (int g = 0; g < MOST_GROUPS; g++) {
      if (of[g]) {
        sum += values[g];
      }
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

  private record ApartLabels(AccessGroup group, Predicate<String> accepts) {}

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

    /** The meter's: which groups are in no total. */
    private final boolean[] apart;

    @Nullable OperationKind kind;
    @Nullable AccessGroup suspendedGroup;
    private long closedReferences;

    Frame(int cacheLevels, boolean hasLines, boolean[] apart) {
      this.hasLines = hasLines;
      this.apart = apart;
      misses = new long[cacheLevels][MOST_GROUPS];
    }

    void begin(OperationKind begun) {
      kind = begun;
      lines.clear();
    }

    /** References ever made at this depth. */
    long references() {
      long sum = closedReferences;
      for (int g = 0; g < MOST_GROUPS; g++) {
        if (!apart[g]) {
          sum += loads[g] + stores[g];
        }
      }
      return sum;
    }

    void book(int groups, int tallyKinds, EndedOperation ended) {
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
        if (!apart[g]) {
          allReferences += references;
          allLines += lineCounts[g];
        }
        ended.references[g] = references;
        ended.lines[g] = lineCounts[g];
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
      ended.kind = booked;
      ended.allReferences = allReferences;
      ended.allLines = allLines;
      for (int t = 0; t < tallyKinds; t++) {
        ended.tallies[t] = tallies[t];
        booked.tallySpreads[t].record(tallies[t]);
        closedTallies[t] += tallies[t];
        tallies[t] = 0;
      }
      booked.count++;
      kind = null;
    }
  }
}
