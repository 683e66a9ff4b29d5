package dev.broadsheet.core.tdx.pamt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.memory.PlainMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Locks of PAMT entries, in their words and counted beside them. */
class PamtLockTest {
  private static final long GIB = 1L << 30;
  private static final long PAGE = 3 * 4096;
  private static final int PAGE_4K = 0;
  private static final int RANGE_2M = 1;

  private static Pamt pamt(boolean threads) {
    return new Pamt(new PlainMemory(), List.of(new Tdmr(0, GIB)), false, true, threads);
  }

  private static Pamt.Found lock(PamtRef ref, long hpa, int level, boolean exclusive) {
    return ref.pamt.lock(ref, hpa, level, exclusive, /* taking= */ true);
  }

  private static List<String> locked(Pamt pamt) {
    List<String> locked = new ArrayList<>();
    pamt.visit(
        new Pamt.Visitor() {
          @Override
          public void page(long hpa, int level, PageType type, int owner) {}

          @Override
          public void locked(long hpa, int level) {
            locked.add("0x%x level %d".formatted(hpa, level));
          }
        });
    return locked;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void page_lockedShared_isSharedAndNotTakenAlone(boolean threads) {
    Pamt pamt = pamt(threads);
    PamtRef maker = new PamtRef(pamt);
    assertThat(lock(maker, PAGE, PAGE_4K, true)).isEqualTo(Pamt.Found.LOCKED);
    maker.set(PageType.PT_TDR, 1, 1);
    maker.release();
    PamtRef one = new PamtRef(pamt);
    PamtRef two = new PamtRef(pamt);
    assertThat(lock(one, PAGE, PAGE_4K, false)).isEqualTo(Pamt.Found.LOCKED);
    assertThat(lock(two, PAGE, PAGE_4K, false)).isEqualTo(Pamt.Found.LOCKED);
    assertThat(lock(maker, PAGE, PAGE_4K, true)).isEqualTo(Pamt.Found.BUSY);
    assertThat(pamt.lockKnown(maker, PAGE, PAGE_4K, true)).isFalse();
    assertThat(locked(pamt)).containsExactly("0x0 level 2", "0x0 level 1", "0x3000 level 0");
    one.release();
    assertThat(lock(maker, PAGE, PAGE_4K, true)).isEqualTo(Pamt.Found.BUSY);
    two.release();
    assertThat(lock(maker, PAGE, PAGE_4K, true)).isEqualTo(Pamt.Found.LOCKED);
    assertThat(lock(one, PAGE, PAGE_4K, false)).isEqualTo(Pamt.Found.BUSY);
    assertThat(maker.type()).isEqualTo(PageType.PT_TDR);
    maker.release();
    assertThat(locked(pamt)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void range_withALockedPage_isNotTakenAlone(boolean threads) {
    Pamt pamt = pamt(threads);
    PamtRef page = new PamtRef(pamt);
    PamtRef range = new PamtRef(pamt);
    assertThat(lock(page, PAGE, PAGE_4K, true)).isEqualTo(Pamt.Found.LOCKED);
    assertThat(lock(range, 0, RANGE_2M, true)).isEqualTo(Pamt.Found.BUSY);
    page.release();
    assertThat(lock(range, 0, RANGE_2M, true)).isEqualTo(Pamt.Found.LOCKED);
    assertThat(lock(page, PAGE, PAGE_4K, true)).isEqualTo(Pamt.Found.BUSY);
    range.release();
    assertThat(locked(pamt)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void place_thatIsUsedAgain_followsToOtherBlocksAndOutside(boolean threads) {
    List<Tdmr> two = List.of(new Tdmr(0, 2 * GIB), new Tdmr(8 * GIB, GIB));
    Pamt pamt = new Pamt(new PlainMemory(), two, false, false, threads);
    PamtRef ref = new PamtRef(pamt);
    assertThat(lock(ref, PAGE, PAGE_4K, true)).isEqualTo(Pamt.Found.OUTSIDE);
    pamt.initialise(0, GIB);
    for (int again = 0; again < 2; again++) {
      assertThat(lock(ref, PAGE, PAGE_4K, true)).isEqualTo(Pamt.Found.LOCKED);
      ref.set(PageType.PT_REG, again + 1, 0);
      ref.release();
      assertThat(lock(ref, GIB + PAGE, PAGE_4K, true)).isEqualTo(Pamt.Found.OUTSIDE);
      assertThat(lock(ref, 4 * GIB, PAGE_4K, true)).isEqualTo(Pamt.Found.OUTSIDE);
      assertThat(lock(ref, 8 * GIB, PAGE_4K, true)).isEqualTo(Pamt.Found.OUTSIDE);
    }
    pamt.initialise(8 * GIB, GIB);
    assertThat(lock(ref, 8 * GIB + PAGE, PAGE_4K, true)).isEqualTo(Pamt.Found.LOCKED);
    assertThat(ref.type()).isEqualTo(PageType.PT_NDA);
    ref.release();
    assertThat(pamt.peek(ref, PAGE)).isTrue();
    assertThat(ref.owner()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void lock_thatMovesToAnotherPlace_isReleasedThere(boolean threads) {
    Pamt pamt = pamt(threads);
    PamtRef one = new PamtRef(pamt);
    PamtRef two = new PamtRef(pamt);
    assertThat(lock(one, PAGE, PAGE_4K, true)).isEqualTo(Pamt.Found.LOCKED);
    one.moveTo(two);
    one.release();
    assertThat(locked(pamt)).hasSize(3);
    two.release();
    assertThat(locked(pamt)).isEmpty();
  }

  /** First sharers of a TDR page against those who want it, or the range around it, alone. */
  @Test
  void holders_ofManyThreads_neverShareWithOneThatIsAlone() throws Exception {
    Pamt pamt = pamt(true);
    PamtRef maker = new PamtRef(pamt);
    assertThat(lock(maker, PAGE, PAGE_4K, true)).isEqualTo(Pamt.Found.LOCKED);
    maker.set(PageType.PT_TDR, 1, 1);
    maker.release();
    AtomicInteger sharing = new AtomicInteger();
    AtomicInteger alone = new AtomicInteger();
    AtomicInteger turns = new AtomicInteger();
    List<Callable<Boolean>> work = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int own = i;
      work.add(
          () -> {
            PamtRef ref = new PamtRef(pamt);
            boolean both = false;
            for (int n = 0; n < 20_000; n++) {
              boolean exclusive = (n + own) % 4 == 0;
              int level = exclusive && own == 0 ? RANGE_2M : PAGE_4K;
              if (lock(ref, PAGE & -(1L << (12 + 9 * level)), level, exclusive)
                  != Pamt.Found.LOCKED) {
                continue;
              }
              if (exclusive) {
                turns.incrementAndGet();
                both |= alone.incrementAndGet() != 1 || sharing.get() != 0;
                alone.decrementAndGet();
              } else {
                sharing.incrementAndGet();
                both |= alone.get() != 0;
                sharing.decrementAndGet();
              }
              ref.release();
            }
            return both;
          });
    }
    ExecutorService pool = Executors.newFixedThreadPool(work.size());
    try {
      for (Future<Boolean> done : pool.invokeAll(work)) {
        assertThat(done.get()).as("somebody shared with one that was alone").isFalse();
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(turns.get()).as("exclusive holds").isPositive();
    assertThat(locked(pamt)).isEmpty();
  }
}
