package dev.broadsheet.core.tdx.pamt;

/**
 * A PAMT entry, packed into 64 bits (the real one has 128).
 *
 * <pre>{@code
 * 63   62:52          51         50:22         21:4         3:0
 * -    shared count   exclusive  block epoch   owner slot   type
 * }</pre>
 *
 * <p>The shared count misses who is counted beside the word; see {@link PamtBlock}.
 *
 * <p>The owner slot stands for the 40-bit frame number of the owner's TDR. TDR and TDVPR pages have
 * no block epoch and keep the number of their TD or vCPU in its place.
 */
final class PamtEntry {
  static final long TYPE = 0xfL;
  static final int OWNER_SHIFT = 4;
  static final long OWNER = 0x3_ffffL << OWNER_SHIFT;
  static final int EPOCH_SHIFT = 22;
  static final long EPOCH = 0x1fff_ffffL << EPOCH_SHIFT;
  static final long MAX_EPOCH = EPOCH >>> EPOCH_SHIFT;
  static final int MAX_OWNER = (int) (OWNER >>> OWNER_SHIFT);
  static final int EXCLUSIVE_SHIFT = 51;
  static final long EXCLUSIVE = 1L << EXCLUSIVE_SHIFT;
  static final long ONE_SHARED = 1L << 52;
  static final long SHARED = 0x7ffL << 52;
  static final long LOCK = EXCLUSIVE | SHARED;

  private PamtEntry() {}

  static int type(long entry) {
    return (int) (entry & TYPE);
  }

  static int owner(long entry) {
    return (int) ((entry & OWNER) >>> OWNER_SHIFT);
  }

  static long epoch(long entry) {
    return (entry & EPOCH) >>> EPOCH_SHIFT;
  }

  static boolean canShare(long entry) {
    long lock = entry >>> EXCLUSIVE_SHIFT; // nothing stands above the count
    return (lock & 1) == 0 && lock != SHARED >>> EXCLUSIVE_SHIFT;
  }

  static boolean isFree(long entry) {
    return (entry & LOCK) == 0;
  }

  static long of(PageType type, int owner, long epoch) {
    if (epoch > MAX_EPOCH || epoch < 0) {
      throw new IllegalStateException(
          "epoch " + epoch + " does not fit the packed PAMT entry (limit " + MAX_EPOCH + ")");
    }
    return type.value() | ((long) owner << OWNER_SHIFT) | (epoch << EPOCH_SHIFT);
  }
}
