package dev.broadsheet.lab.runner;

import dev.broadsheet.core.memory.LockBook;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.mmu.sync.MmuLock;

/** Books the work done while {@code mmu_lock} is held, for read and for write apart. */
final class LockBilling implements MmuLock.Observer {
  static final String READ = "mmu_lock (read)";
  static final String WRITE = "mmu_lock (write)";

  private final LockBook.Hold read;
  private final LockBook.Hold write;

  LockBilling(MemoryMeter meter) {
    this.read = meter.lockBook(READ).hold();
    this.write = meter.lockBook(WRITE).hold();
  }

  @Override
  public void acquired(boolean isWrite) {
    (isWrite ? write : read).begin();
  }

  @Override
  public void released(boolean isWrite) {
    (isWrite ? write : read).end();
  }
}
