package dev.broadsheet.lab.trace;

import io.airlift.compress.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;

/**
 * The unpacked bytes of a zstd file. Memory is bounded by the largest window that is read, 8 MiB:
 * files packed with {@code --long} or {@code --ultra} may ask for more and are refused. Damage is
 * reported as it is for gzip, by a {@link ZipException}.
 */
final class ZstdBytes extends InputStream {
  private final InputStream in;

  /** Takes the stream over. */
  ZstdBytes(InputStream packed) {
    this.in = new ZstdInputStream(packed);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int from, int length) throws IOException {
    try {
      return in.read(target, from, length);
    } catch (RuntimeException e) {
      throw damaged(e); // the decoder meets damage with several kinds of these
    } catch (IOException e) {
      throw String.valueOf(e.getMessage()).contains("Not enough input") ? damaged(e) : e;
    }
  }

  private static ZipException damaged(Exception cause) {
    ZipException damaged = new ZipException("zstd: " + cause.getMessage());
    damaged.initCause(cause);
    return damaged;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
