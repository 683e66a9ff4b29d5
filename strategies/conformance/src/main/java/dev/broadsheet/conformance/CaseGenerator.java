package dev.broadsheet.conformance;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Makes cases that look like guests: runs, islands in runs, ranges that straddle block boundaries
 * and slot edges, whole blocks converted back. Uniform noise would never make a uniform block.
 *
 * <p>Most machines are some 2M blocks around a 1G boundary; some hold a whole 1G block.
 */
final class CaseGenerator {
  private static final long BLOCK = PageLevel.PG_LEVEL_2M.pages();
  private static final long BIG_BLOCK = PageLevel.PG_LEVEL_1G.pages();

  /** 32 TiB: page tables of four levels reach it. */
  private static final long FAR = 1L << 33;

  private final Random random;
  private final int[] attributes;
  private final int mostOperations;
  private final boolean largeMachines;
  private final List<Memslot> slots = new ArrayList<>();
  private final List<Operation> operations = new ArrayList<>();
  private long from;
  private long to;
  private int nextId;

  private final boolean hasGuest;

  /** The 1G boundary around which all happens. */
  private long boundary = BIG_BLOCK;

  private CaseGenerator(
      long seed, int attributeBits, int mostOperations, boolean largeMachines, boolean hasGuest) {
    this.hasGuest = hasGuest;
    this.random = new Random(seed * 0x9e37_79b9_7f4a_7c15L + 1);
    this.attributes = attributes(attributeBits);
    this.mostOperations = mostOperations;
    this.largeMachines = largeMachines;
  }

  /**
   * Returns the case of a seed.
   *
   * @param largeMachines whether some machines may hold whole 1G blocks
   */
  static OperationCase generate(
      long seed, Subject subject, int mostOperations, boolean largeMachines) {
    return new CaseGenerator(
            seed,
            subject.description().attributeBits(),
            mostOperations,
            largeMachines,
            /* hasGuest= */ false)
        .generate();
  }

  /** Returns the case of a seed for a whole machine, with a guest that touches its memory. */
  static OperationCase generateGuest(long seed, int mostOperations) {
    return new CaseGenerator(
            seed,
            PageAttributes.PRIVATE,
            mostOperations,
            /* largeMachines= */ false,
            /* hasGuest= */ true)
        .generate();
  }

  /** Returns every combination of the bits, at most eight, shared first. */
  static int[] attributes(int bits) {
    List<Integer> found = new ArrayList<>();
    for (int value = 0; value <= bits && found.size() < 8; value++) {
      if ((value & ~bits) == 0) {
        found.add(value);
      }
    }
    return found.stream().mapToInt(Integer::intValue).toArray();
  }

  private OperationCase generate() {
    int initial = random.nextBoolean() ? PageAttributes.SHARED : PageAttributes.PRIVATE;
    if (!hasGuest && random.nextInt(8) == 0) {
      boundary = FAR; // trees as deep as they come
    }
    if (largeMachines && random.nextInt(4) == 0) {
      from = boundary - random.nextInt(3) * BLOCK - random.nextInt(2) * 7L;
      to = boundary + BIG_BLOCK + random.nextInt(3) * BLOCK + random.nextInt(2) * 5L;
    } else {
      from = boundary - (1 + random.nextInt(4)) * BLOCK;
      to = from + (2 + random.nextInt(7)) * BLOCK;
    }
    addSlots();
    int count = 1 + random.nextInt(mostOperations);
    while (operations.size() < count + nextId) {
      next();
    }
    return new OperationCase(/* machine= */ "", initial, operations);
  }

  /** One slot, or two that touch or leave a hole, some with edges inside blocks, or small ones. */
  private void addSlots() {
    if (random.nextInt(8) == 0) {
      addSmallSlots();
      return;
    }
    long first = from + (random.nextInt(3) == 0 ? random.nextInt(500) : 0);
    long last = to - (random.nextInt(3) == 0 ? random.nextInt(500) : 0);
    if (random.nextInt(3) > 0) {
      addSlot(first, last);
      return;
    }
    long middle = first + random.nextLong(last - first - 2) + 1;
    if (random.nextBoolean()) {
      middle = Math.max(first + 1, PageLevel.PG_LEVEL_2M.roundDown(middle));
    }
    long hole = random.nextBoolean() ? 0 : random.nextInt(700);
    addSlot(first, middle);
    if (middle + hole < last) {
      addSlot(middle + hole, last);
    }
  }

  private void addSmallSlots() {
    long at = from;
    for (int i = 2 + random.nextInt(4); i > 0 && at < to; i--) {
      long end = Math.min(to, at + 1 + random.nextInt(i % 2 == 0 ? 8 : 1500));
      addSlot(at, end);
      at = end + (random.nextBoolean() ? 0 : random.nextInt(600));
    }
  }

  private void addSlot(long start, long end) {
    long shift =
        switch (random.nextInt(5)) {
          case 0 -> random.nextInt(512);
          case 1 -> BLOCK;
          default -> 0;
        };
    add(new Memslot(nextId++, new GfnRange(start, end), start + shift));
  }

  private void add(Memslot slot) {
    slots.add(slot);
    operations.add(new Operation.Add(slot));
  }

  private void next() {
    if (hasGuest && random.nextInt(5) < 2) {
      GfnRange range = range();
      operations.add(
          random.nextInt(8) == 0 ? new Operation.Discard(range) : new Operation.Touch(range));
      return;
    }
    switch (random.nextInt(20)) {
      case 0 -> {
        if (!slots.isEmpty()) {
          Memslot gone = slots.remove(random.nextInt(slots.size()));
          operations.add(new Operation.Remove(gone.id()));
          if (random.nextInt(3) > 0) {
            comeBack(gone);
          }
        }
      }
      case 1 ->
          operations.add(
              hasGuest
                  ? new Operation.Touch(new GfnRange(from, to))
                  : new Operation.Cancel(range(), attribute()));
      case 2 -> repeatOrUndo();
      case 3, 4, 5 -> operations.add(new Operation.ConvertAtOnce(range(), attribute()));
      default -> operations.add(new Operation.Convert(range(), attribute()));
    }
  }

  /** The slot comes again where it was: attributes must have survived. */
  private void comeBack(Memslot gone) {
    if (random.nextBoolean()) {
      operations.add(new Operation.Convert(range(), attribute()));
    }
    add(new Memslot(nextId++, gone.range(), gone.userGfn()));
  }

  private void repeatOrUndo() {
    Operation last = operations.get(operations.size() - 1);
    GfnRange range = last.converted();
    operations.add(new Operation.Convert(range == null ? range() : range, attribute()));
  }

  private int attribute() {
    return attributes[random.nextInt(attributes.length)];
  }

  private GfnRange range() {
    long span = to - from;
    long at = from + random.nextLong(span);
    long start;
    long end;
    switch (random.nextInt(8)) {
      case 0 -> { // one page
        start = at;
        end = at + 1;
      }
      case 1 -> { // one 2M block
        start = PageLevel.PG_LEVEL_2M.roundDown(at);
        end = start + BLOCK;
      }
      case 2 -> { // some blocks
        start = PageLevel.PG_LEVEL_2M.roundDown(at);
        end = start + (1 + random.nextInt(4)) * BLOCK;
      }
      case 3 -> { // straddles a boundary
        long boundary = PageLevel.PG_LEVEL_2M.roundUp(at);
        start = Math.max(0, boundary - 1 - random.nextInt(20));
        end = boundary + 1 + random.nextInt(20);
      }
      case 4 -> { // straddles the 1G boundary
        start = boundary - random.nextInt(600);
        end = boundary + 1 + random.nextInt(600);
      }
      case 5 -> { // everything, or a 1G block
        start = random.nextBoolean() ? from : boundary;
        end = random.nextBoolean() || to <= boundary + BIG_BLOCK ? to : boundary + BIG_BLOCK;
      }
      case 6 -> { // all of a block but a page
        start = PageLevel.PG_LEVEL_2M.roundDown(at) + random.nextInt(2);
        end = PageLevel.PG_LEVEL_2M.roundDown(at) + BLOCK - random.nextInt(2);
      }
      default -> { // an island, sometimes behind the slots
        start = at;
        end = at + 1 + random.nextInt(900);
      }
    }
    return start < end ? new GfnRange(start, end) : new GfnRange(at, at + 1);
  }
}
