package dev.broadsheet.core.tdx.guest;

import dev.broadsheet.core.tdx.td.TdControl;

/**
 * MapGPA, a TDVMCALL: the guest asks the host to make a range shared or private.
 *
 * <p>In: R10 = 0, R11 = {@link #FUNCTION}, R12 = start GPA, whose shared bit says what the range
 * shall become, R13 = bytes. Out: R10 = {@link Status}, R11 = first GPA that is not done. The
 * module only carries the registers; what is here is the host's first look at them, in KVM's order.
 *
 * <p>Source: Linux, arch/x86/kvm/vmx/tdx.c: tdx_map_gpa(); arch/x86/include/asm/shared/tdx.h.
 */
public final class MapGpa {
  /** R11 of the call. */
  public static final long FUNCTION = 0x10001;

  /** RCX of the call: R10 to R15 are passed. */
  public static final long REGISTERS = 0xfc00;

  /** Bytes that KVM hands to user space at a time. */
  public static final long CHUNK_BYTES = 1L << 21;

  /** Answers in R10. */
  public enum Status {
    /** The whole range is done. */
    SUCCESS(0),
    /** Call again from R11 on. */
    RETRY(1),
    /** The range wraps around, is no GPA, is empty, or crosses the shared bit. */
    INVALID_OPERAND(0x8000_0000_0000_0000L),
    /** Defined by the interface; KVM never answers it. */
    GPA_INUSE(0x8000_0000_0000_0001L),
    /** Start or size is no multiple of 4096. */
    ALIGN_ERROR(0x8000_0000_0000_0002L),
    /** User space does not serve the call. */
    SUBFUNC_UNSUPPORTED(0x8000_0000_0000_0003L);

    private final long value;

    Status(long value) {
      this.value = value;
    }

    /** Returns R10. */
    public long value() {
      return value;
    }
  }

  private MapGpa() {}

  /** Returns SUCCESS if the host should begin, else what it answers at once (R11 = start). */
  public static Status check(TdControl td, long start, long bytes) {
    return check(td.sharedBit(), start, bytes);
  }

  private static Status check(long sharedBit, long start, long bytes) {
    long last = start + bytes - 1;
    long width = sharedBit << 1;
    boolean wraps = start + bytes <= start;
    if (wraps || start < 0 || start >= width || last >= width) {
      return Status.INVALID_OPERAND;
    }
    if ((start & sharedBit) != (last & sharedBit)) {
      return Status.INVALID_OPERAND;
    }
    return ((start | bytes) & 0xfff) == 0 ? Status.SUCCESS : Status.ALIGN_ERROR;
  }

  /**
   * What the guest finds after its call.
   *
   * @param status R10
   * @param next R11: the first GPA that is not done
   * @param chunks exits to user space that were made
   */
  public record Answer(Status status, long next, long chunks) {}

  /** Who carries a call out: user space, and what waits for the vCPU meanwhile. */
  public interface Host {
    /**
     * Converts one chunk; {@code start} carries the shared bit.
     *
     * @return SUCCESS; RETRY if the chunk should be asked for again (EAGAIN); INVALID_OPERAND
     */
    Status convert(long start, long bytes);

    /** Returns whether an event waits for the vCPU after so many chunks: the guest must go on. */
    boolean isInterrupted(long chunks);
  }

  /**
   * Answers a call as KVM does: checks it, hands chunks to user space, and stops between two of
   * them when something waits for the vCPU.
   *
   * @param sharedBit the TD's, in a GPA
   */
  public static Answer serve(long sharedBit, long start, long bytes, Host host) {
    Status first = check(sharedBit, start, bytes);
    if (first != Status.SUCCESS) {
      return new Answer(first, start, 0);
    }
    long end = start + bytes;
    long next = start;
    long chunks = 0;
    while (true) {
      long behind = chunkEnd(next, end);
      chunks++;
      Status done = host.convert(next, behind - next);
      if (done != Status.SUCCESS) {
        return new Answer(done, next, chunks);
      }
      next = behind;
      if (next == end) {
        return new Answer(Status.SUCCESS, next, chunks);
      }
      if (host.isInterrupted(chunks)) {
        return new Answer(Status.RETRY, next, chunks);
      }
    }
  }

  /** Returns where the chunk that begins at {@code from} ends. */
  public static long chunkEnd(long from, long end) {
    return Math.min(end, from + CHUNK_BYTES);
  }
}
