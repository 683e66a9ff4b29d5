package dev.broadsheet.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.ObjectCache;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PlainCacheConcurrencyTest {
  private static final int THREADS = 4;

  /** Hazard: a free list head that came back (ABA) gives one object to two owners. */
  @Test
  void allocate_fromManyThreads_givesEachObjectToOneOwner() throws Exception {
    PlainMemory memory = new PlainMemory();
    ObjectCache cache = memory.cache("objects", 64);
    inParallel(
        thread -> {
          long[] mine = new long[16];
          for (int round = 0; round < 20_000; round++) {
            int at = round & 15;
            if (mine[at] != 0) {
              long handle = mine[at];
              for (int word = 0; word < 8; word++) {
                assertThat(cache.getPlain(handle, word)).isEqualTo(handle ^ thread);
              }
              if ((round & 64) == 0) {
                cache.free(handle);
              } else {
                cache.freeAfterGrace(handle);
                memory.rcu().poll();
              }
            }
            long handle = cache.allocate();
            assertThat(cache.mismatch(handle, 0, 8, 0)).isEqualTo(8);
            cache.fill(handle, 0, 8, handle ^ thread);
            mine[at] = handle;
          }
        });
    assertThat(cache.live()).isEqualTo(16 * THREADS);
    memory.rcu().barrier();
    assertThat(cache.awaiting()).isZero();
  }

  /** Hazard: a reader meets an object that was reused while it was still inside its section. */
  @Test
  void freeAfterGrace_underReaders_keepsWordsUntilTheyLeave() throws Exception {
    PlainMemory memory = new PlainMemory();
    ObjectCache cache = memory.cache("objects", 16);
    KernelArray root = memory.array("root", ElementWidth.U64, 1);
    long first = cache.allocate();
    cache.set(first, 1, 7);
    root.set(0, first);
    inParallel(
        thread -> {
          for (int round = 0; round < 20_000; round++) {
            if (thread == 0) {
              long fresh = cache.allocate();
              cache.set(fresh, 1, 7);
              long old = root.get(0);
              root.set(0, fresh);
              cache.freeAfterGrace(old);
              memory.rcu().poll();
            } else {
              memory.rcu().readLock();
              try {
                assertThat(cache.get(root.get(0), 1)).isEqualTo(7);
              } finally {
                memory.rcu().readUnlock();
              }
            }
          }
        });
    assertThat(cache.live()).isEqualTo(1);
  }

  /** Hazard: a lock that lets two in loses an increment of a plain word. */
  @Test
  void lock_fromManyThreads_excludes() throws Exception {
    PlainMemory memory = new PlainMemory();
    KernelLock lock = memory.lock("counter");
    KernelArray counter = memory.array("counter", ElementWidth.U32, 1);
    inParallel(
        thread -> {
          for (int round = 0; round < 10_000; round++) {
            lock.lock();
            counter.setPlain(0, counter.getPlain(0) + 1);
            lock.unlock();
          }
        });
    assertThat(counter.get(0)).isEqualTo(10_000 * THREADS);
  }

  private interface Body {
    void run(int thread);
  }

  private static void inParallel(Body body) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> futures = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int number = thread;
        futures.add(pool.submit(() -> body.run(number)));
      }
      for (Future<?> future : futures) {
        future.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }
}
