package dev.broadsheet.lab.runner;

import dev.broadsheet.core.memory.LockBook;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.mmu.sync.MmuLock;
import dev.broadsheet.lab.metrics.MetricCatalog.Lock;
import java.util.ArrayList;
import java.util.List;

/** Books the work done while {@code mmu_lock} is held, for read and for write apart. */
final class LockBilling implements MmuLock.Observer {
  static final String READ = Lock.MMU_READ.label();
  static final String WRITE = Lock.MMU_WRITE.label();
  static final String SLOTS = Lock.SLOTS.label();

  private final LockBook readBook;
  private final LockBook.Hold write;

  /** Holds of readers, the first taken first; readers that overlap give up in reverse order. */
  private final List<LockBook.Hold> readers = new ArrayList<>();

  private int reading;

  LockBilling(MemoryMeter meter) {
    this.readBook = meter.lockBook(READ);
    this.write = meter.lockBook(WRITE).hold();
  }

  @Override
  public void acquired(boolean isWrite) {
    if (isWrite) {
      write.begin();
      return;
    }
    if (reading == readers.size()) {
      readers.add(readBook.hold());
    }
    readers.get(reading).begin();
    reading++;
  }

  @Override
  public void released(boolean isWrite) {
    if (isWrite) {
      write.end();
    } else {
      reading--;
      readers.get(reading).end();
    }
  }
}
