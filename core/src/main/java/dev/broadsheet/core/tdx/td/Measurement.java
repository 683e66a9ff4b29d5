package dev.broadsheet.core.tdx.td;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The build-time measurement of a TD (MRTD): one SHA-384 over records of what was added.
 *
 * <p>PAGE.ADD hashes 128 bytes: the text {@code MEM.PAGE.ADD}, the GPA at byte 16 (little endian),
 * zeroes. MR.EXTEND hashes the same with {@code MR.EXTEND} and the GPA of the 256-byte chunk,
 * followed by the chunk. MR.FINALIZE ends the hash. Guarded by the TDR's exclusive lock.
 */
public final class Measurement {
  /** Bytes that one MR.EXTEND measures. */
  public static final int CHUNK_BYTES = 256;

  private static final int RECORD_BYTES = 128;
  private static final int GPA_OFFSET = 16;

  private final MessageDigest digest;
  private final ByteBuffer record =
      ByteBuffer.allocate(RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private byte @Nullable [] mrtd;

  /** Starts an empty measurement. */
  public Measurement() {
    try {
      digest = MessageDigest.getInstance("SHA-384");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-384", e);
    }
  }

  /** Measures that a page was added at {@code gpa}. */
  public void pageAdded(long gpa) {
    record("MEM.PAGE.ADD", gpa);
  }

  /** Measures one chunk of a page whose every 8 bytes hold {@code content}. */
  public void extend(long gpa, long content) {
    record("MR.EXTEND", gpa);
    chunk.clear();
    while (chunk.hasRemaining()) {
      chunk.putLong(content);
    }
    digest.update(chunk.array());
  }

  /** Ends the measurement. */
  public void finish() {
    mrtd = digest.digest();
  }

  /** Returns the 48 bytes of the finished measurement, or null before. */
  public byte @Nullable [] mrtd() {
    return mrtd == null ? null : mrtd.clone();
  }

  private void record(String name, long gpa) {
    Arrays.fill(record.array(), (byte) 0);
    record.put(0, name.getBytes(StandardCharsets.US_ASCII));
    record.putLong(GPA_OFFSET, gpa);
    digest.update(record.array());
  }
}
