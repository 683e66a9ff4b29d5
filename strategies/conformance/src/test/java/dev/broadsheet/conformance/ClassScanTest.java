package dev.broadsheet.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

class ClassScanTest {
  private static final ThreadLocal<Integer> LOCAL = new ThreadLocal<>();
  private static int counter;
  private final ReentrantLock lock = new ReentrantLock();

  private synchronized void inside() {
    counter++;
    LOCAL.set(counter);
  }

  private void block(int kind) {
    switch (kind) { // instructions of variable length before the monitor
      case 1 -> counter = 3;
      case 1000 -> counter = 4;
      default -> counter = 5;
    }
    synchronized (LOCAL) {
      counter += lock.getHoldCount();
    }
  }

  @Test
  void stateAndLocksOutsideKernelMemory_areFound() {
    inside();
    block(1);
    String found = String.join("\n", ClassScan.scan(ClassScanTest.class));
    assertThat(found)
        .contains("ClassScanTest.counter is static and not final")
        .contains("ClassScanTest.LOCAL is a thread local")
        .contains("ClassScanTest.inside is synchronized")
        .contains("ClassScanTest.block enters a monitor")
        .contains("java.util.concurrent.locks.ReentrantLock");
  }

  @Test
  void soundStrategy_hasNone() {
    assertThat(ClassScan.scan(SampleStrategy.class)).isEmpty();
  }
}
