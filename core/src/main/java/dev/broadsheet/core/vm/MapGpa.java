package dev.broadsheet.core.vm;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.core.host.Errno;

/**
 * TDG.VP.VMCALL&lt;MapGPA&gt;: KVM checks it and cuts it into exits of at most 2 MiB; user space
 * changes the attributes of each piece, then drops the backing that was given up. Pieces begin
 * where the one before ended and are not aligned to 2M.
 *
 * <p>Source: Linux v6.16, arch/x86/kvm/vmx/tdx.c: tdx_map_gpa(); QEMU, kvm_convert_memory().
 */
public final class MapGpa {
  /** R10: done. */
  public static final long SUCCESS = 0;

  /** R10: call again from R11. */
  public static final long RETRY = 1;

  /** R10: the range wraps, is empty or leaves the address width. */
  public static final long INVALID_OPERAND = 0x8000_0000_0000_0000L;

  /** R10: address or size is no multiple of 4096. */
  public static final long ALIGN_ERROR = 0x8000_0000_0000_0002L;

  private static final long CHUNK_BYTES = 1L << 21;

  private MapGpa() {}

  static MapGpaResult call(VirtualMachine vm, long gpa, long bytes, boolean toPrivate) {
    long limit = vm.geometry().gfnLimit() << 12;
    if (bytes == 0
        || Long.compareUnsigned(gpa + bytes, gpa) < 0
        || gpa < 0
        || gpa >= limit
        || gpa + bytes > limit) {
      return new MapGpaResult(INVALID_OPERAND, gpa, 0);
    }
    if (((gpa | bytes) & 0xfff) != 0) {
      return new MapGpaResult(ALIGN_ERROR, gpa, 0);
    }
    long end = gpa + bytes;
    long next = gpa;
    int chunks = 0;
    int attributes = toPrivate ? PageAttributes.PRIVATE : PageAttributes.SHARED;
    while (next < end) {
      long size = Math.min(CHUNK_BYTES, end - next);
      chunks++;
      int errno = vm.setMemoryAttributes(next, size, attributes, 0);
      if (errno != 0) {
        long status = errno == Errno.EAGAIN || errno == Errno.ENOMEM ? RETRY : INVALID_OPERAND;
        return new MapGpaResult(status, next, chunks);
      }
      vm.discardOther(next, size, toPrivate);
      next += size;
    }
    return new MapGpaResult(SUCCESS, end, chunks);
  }
}
