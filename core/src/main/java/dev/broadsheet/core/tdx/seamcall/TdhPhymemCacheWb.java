package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_INTERRUPTED_RESUMABLE;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_NO_HKID_READY_TO_WBCACHE;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_BUSY;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_WBCACHE_RESUME_ERROR;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.content.PageContents;
import dev.broadsheet.core.tdx.td.KeyTable;

/**
 * TDH.PHYMEM.CACHE.WB: writes back one package's caches for all keys whose TDs were flushed.
 *
 * <p>In: RCX = 0 start, 1 resume. Resumable: an interrupt leaves the work half done. Source: TDX
 * module 1.5.05, tdh_phymem_cache_wb.c.
 */
final class TdhPhymemCacheWb implements SeamcallHandler {
  /** Interrupts are looked for between parts, so that every call gets on. */
  private static final int PARTS = 8;

  @Override
  public long call(SeamcallFrame f, Registers regs) {
    long command = regs.rcx;
    if (command != 0 && command != 1) {
      return TDX_OPERAND_INVALID.with(OperandId.RCX);
    }
    KeyTable keys = f.platform.keys;
    int packageId = f.platform.packageOf(regs.processor);
    if (!keys.lock.tryExclusive()) {
      return TDX_OPERAND_BUSY.with(OperandId.WBCACHE);
    }
    try {
      return writeBack(f, keys, packageId, command == 1);
    } finally {
      keys.lock.unlockExclusive();
    }
  }

  private static long writeBack(SeamcallFrame f, KeyTable keys, int packageId, boolean resume) {
    if (resume && keys.partsDone(packageId) == 0) {
      return TDX_WBCACHE_RESUME_ERROR.value();
    }
    if (!keys.hasWorkFor(packageId)) {
      return TDX_NO_HKID_READY_TO_WBCACHE.value();
    }
    for (int part = resume ? keys.partsDone(packageId) + 1 : 1; part < PARTS; part++) {
      if (f.isInterrupted()) {
        keys.interrupt(packageId, part);
        return TDX_INTERRUPTED_RESUMABLE.value();
      }
    }
    keys.writtenBack(packageId);
    PageContents contents = f.platform.contents;
    if (contents != null) {
      contents.writeBackAll();
    }
    return TDX_SUCCESS.value();
  }
}
