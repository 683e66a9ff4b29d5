package dev.broadsheet.benchmarks.peers;

import dev.broadsheet.api.GfnRange;
import java.util.Arrays;

/**
 * The floor: one byte per page with the answer in it; a look-up is one load, a conversion one fill.
 * It does not keep levels right under conversion, so no design can be cheaper.
 */
final class ByteArrayFloor implements Contender {
  private final byte[] attributes;

  ByteArrayFloor(int pages) {
    attributes = new byte[pages];
  }

  @Override
  public int attributes(long gfn) {
    return attributes[(int) gfn];
  }

  /** Returns 1 always: the one load was {@link #attributes}. */
  @Override
  public int level(long gfn) {
    return 1;
  }

  @Override
  public void convert(GfnRange range, int value) {
    Arrays.fill(attributes, (int) range.start(), (int) range.end(), (byte) value);
  }
}
