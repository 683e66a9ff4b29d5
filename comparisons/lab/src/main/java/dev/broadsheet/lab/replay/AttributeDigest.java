package dev.broadsheet.lab.replay;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.core.strategy.StartupFill;
import java.util.ArrayList;
import java.util.List;

/**
 * The maximal runs of pages that are not as they began, found through the tracker's interface
 * alone.
 *
 * @param runs in ascending order
 */
record AttributeDigest(List<GfnRange> runs) {
  static AttributeDigest of(StartupFill attributes, int initial) {
    int other = initial ^ PageAttributes.PRIVATE;
    List<GfnRange> runs = new ArrayList<>();
    long start = attributes.firstDifference(0, GfnRange.GFN_LIMIT, initial);
    while (start < GfnRange.GFN_LIMIT) {
      long behind = attributes.firstDifference(start, GfnRange.GFN_LIMIT, other);
      if (behind <= start) {
        throw new IllegalStateException(
            "firstDifference says that 0x%x is %s and is not"
                .formatted(start, PageAttributes.format(other)));
      }
      runs.add(new GfnRange(start, behind));
      start = attributes.firstDifference(behind, GfnRange.GFN_LIMIT, initial);
    }
    return new AttributeDigest(runs);
  }

  long pages() {
    return runs.stream().mapToLong(GfnRange::pages).sum();
  }

  String hash() {
    Fnv64 hash = new Fnv64();
    for (GfnRange run : runs) {
      hash.add(run.start(), Long.BYTES);
      hash.add(run.end(), Long.BYTES);
    }
    return hash.hex();
  }
}
