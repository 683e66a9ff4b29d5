package dev.broadsheet.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Host memory and guest_memfd under several threads, each with frames at hand. */
class HostMemoryThreadsTest {
  private static final int THREADS = 4;
  private static final int EACH = 3000;

  private final ExecutorService pool = Executors.newFixedThreadPool(THREADS);

  @AfterEach
  void endThreads() {
    pool.shutdownNow();
  }

  private static HostMemory host(long frames) {
    return new HostMemory(frames, 0, 0, /* threads= */ true, /* atHand= */ true);
  }

  /** Lets all threads do the same, none before all are there. */
  private <T> List<T> together(Callable<T> work) throws InterruptedException, ExecutionException {
    List<Callable<T>> all = new ArrayList<>();
    CyclicBarrier start = new CyclicBarrier(THREADS);
    for (int i = 0; i < THREADS; i++) {
      all.add(
          () -> {
            start.await();
            return work.call();
          });
    }
    List<T> results = new ArrayList<>();
    for (Future<T> done : pool.invokeAll(all)) {
      results.add(done.get());
    }
    return results;
  }

  private static List<Long> take(HostMemory host, int most) {
    List<Long> frames = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      long pfn = host.allocate(0);
      if (pfn == HostMemory.NONE) {
        break;
      }
      frames.add(pfn);
    }
    return frames;
  }

  @Test
  void frames_ofSeveralThreads_areDifferentAndCounted() throws Exception {
    HostMemory host = host(1 << 18);
    Set<Long> frames = new HashSet<>();
    together(() -> take(host, EACH)).forEach(frames::addAll);
    assertThat(frames).hasSize(THREADS * EACH);
    assertThat(host.allocated()).isEqualTo(THREADS * EACH);
    frames.forEach(pfn -> host.free(pfn, 0));
    assertThat(host.allocated()).isZero();
  }

  @Test
  void everyFrame_isHandedOut_whoeverHasItAtHand() throws Exception {
    int size = 4096;
    HostMemory host = host(size);
    together(() -> take(host, 10));
    assertThat(take(host, size)).hasSize(size - THREADS * 10);
    assertThat(host.allocate(0)).isEqualTo(HostMemory.NONE);
    assertThat(host.allocated()).isEqualTo(size);
  }

  @Test
  void largeBlock_isFoundAmongWhatThreadsHaveAtHand() {
    HostMemory host = host(512);
    long pfn = host.allocate(0);
    host.free(pfn, 0);
    assertThat(host.allocated()).isZero();
    assertThat(host.allocate(9)).isZero();
  }

  @Test
  void largeBlocks_areNotBrokenWhileFramesAreAtHand() {
    HostMemory host = host(8 * 512);
    for (int large = 0; large < 7; large++) {
      assertThat(host.allocate(0)).isNotEqualTo(HostMemory.NONE);
      assertThat(host.allocate(9)).isNotEqualTo(HostMemory.NONE);
    }
    assertThat(host.allocate(9)).isEqualTo(HostMemory.NONE);
  }

  @Test
  void page_thatSeveralThreadsAskFor_getsOneFrame() throws Exception {
    HostMemory host = host(1 << 18);
    GuestMemfd file = new GuestMemfd(host, EACH * 4096L, 0);
    List<List<Long>> answers =
        together(
            () -> {
              List<Long> pages = new ArrayList<>();
              for (int i = 0; i < EACH; i++) {
                pages.add(file.get(i));
              }
              return pages;
            });
    assertThat(new HashSet<>(answers)).hasSize(1);
    assertThat(host.allocated()).isEqualTo(EACH);
    file.truncate(0, EACH);
    assertThat(host.allocated()).isZero();
  }
}
