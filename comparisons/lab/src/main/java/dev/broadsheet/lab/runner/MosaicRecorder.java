package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.vm.VirtualMachine;
import dev.broadsheet.lab.report.ReportModel.Mosaic;
import dev.broadsheet.lab.trace.AttributeRuns;
import java.util.Arrays;
import java.util.List;

/**
 * Pictures of the address space at equal distances of the run: for each 2M region of the slots,
 * what it is (private, shared, mixed) and how it is mapped (not, 4K, 2M, inside 1G).
 *
 * <p>A frame is text: a letter for each kind of region, followed by how many regions in a row are
 * of that kind. The letters run from {@code a}: four for private, four for shared, four for mixed,
 * in the order of mappings above.
 */
final class MosaicRecorder {
  private static final int FRAMES = 40;
  private static final int REGION_SHIFT = PageLevel.PG_LEVEL_2M.shift();

  private final VirtualMachine vm;
  private final AttributeRuns truth;
  private final List<Memslot> slots;
  private final int[] firstRegion;
  private final byte[] mapping;
  private final long events;
  private final ImmutableList.Builder<Long> at = ImmutableList.builder();
  private final ImmutableList.Builder<String> frames = ImmutableList.builder();
  private int taken;

  MosaicRecorder(VirtualMachine vm, AttributeRuns truth, List<Memslot> slots, long events) {
    this.vm = vm;
    this.truth = truth;
    this.slots = slots;
    this.events = events;
    this.firstRegion = new int[slots.size()];
    int regions = 0;
    for (int i = 0; i < slots.size(); i++) {
      firstRegion[i] = regions;
      regions += Math.toIntExact(slots.get(i).blocks(PageLevel.PG_LEVEL_2M));
    }
    this.mapping = new byte[regions];
  }

  /** Returns whether it is time for a frame. */
  boolean isDue(long done) {
    return taken < FRAMES && done >= events * taken / (FRAMES - 1);
  }

  /** Takes a frame. */
  void take(long done) {
    taken++;
    Arrays.fill(mapping, (byte) 0);
    vm.forEachLeaf((mirror, gfn, level, spte) -> mapped(gfn, level));
    StringBuilder frame = new StringBuilder();
    char last = 0;
    int length = 0;
    for (int i = 0; i < slots.size(); i++) {
      Memslot slot = slots.get(i);
      long first = slot.range().start() >>> REGION_SHIFT;
      for (long r = 0; r < slot.blocks(PageLevel.PG_LEVEL_2M); r++) {
        char kind = (char) ('a' + 4 * what(slot, first + r) + mapping[firstRegion[i] + (int) r]);
        if (kind != last && length > 0) {
          frame.append(last).append(length);
          length = 0;
        }
        last = kind;
        length++;
      }
    }
    frames.add(frame.append(last).append(length).toString());
    at.add(done);
  }

  private int what(Memslot slot, long region) {
    long start = Math.max(slot.range().start(), region << REGION_SHIFT);
    long end = Math.min(slot.range().end(), (region + 1) << REGION_SHIFT);
    if (!truth.isUniform(start, end)) {
      return 2;
    }
    return PageAttributes.isPrivate(truth.attributes(start)) ? 0 : 1;
  }

  private void mapped(long gfn, int level) {
    for (int i = 0; i < slots.size(); i++) {
      Memslot slot = slots.get(i);
      if (slot.range().contains(gfn)) {
        int region =
            firstRegion[i]
                + (int) ((gfn >>> REGION_SHIFT) - (slot.range().start() >>> REGION_SHIFT));
        int end = level < 3 ? region + 1 : Math.min(mapping.length, region + 512);
        for (int r = region; r < end; r++) {
          mapping[r] = (byte) Math.max(mapping[r], level);
        }
      }
    }
  }

  /** Returns the frames. */
  Mosaic mosaic() {
    return new Mosaic(at.build(), frames.build());
  }
}
