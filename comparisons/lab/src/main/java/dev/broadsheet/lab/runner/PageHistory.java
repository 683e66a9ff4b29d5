package dev.broadsheet.lab.runner;

import dev.broadsheet.api.Memslot;
import java.util.List;

/**
 * What last happened to each page and each 2M region: the runner's own memory, so that a report can
 * say why an access found a mapping, or found none.
 */
final class PageHistory {
  static final byte UNTOUCHED = 0;
  static final byte ADDED = 1;
  static final byte ACCEPTED = 2;
  static final byte FAULTED = 3;

  static final byte UNDISTURBED = 0;
  static final byte CONVERTED = 1;
  static final byte DISCARDED = 2;

  private static final int REGION_SHIFT = 9;
  private static final int REGION_PAGES = 1 << REGION_SHIFT;

  private final List<Memslot> slots;
  private final byte[][][] pages;
  private final byte[][] disturbed;

  PageHistory(List<Memslot> slots) {
    this.slots = slots;
    this.pages = new byte[slots.size()][][];
    this.disturbed = new byte[slots.size()][];
    for (int i = 0; i < slots.size(); i++) {
      int regions = Math.toIntExact((slots.get(i).range().pages() >>> REGION_SHIFT) + 2);
      pages[i] = new byte[regions][];
      disturbed[i] = new byte[regions];
    }
  }

  private int slot(long gfn) {
    for (int i = 0; i < slots.size(); i++) {
      if (slots.get(i).range().contains(gfn)) {
        return i;
      }
    }
    return -1;
  }

  private int region(int slot, long gfn) {
    return (int) ((gfn >>> REGION_SHIFT) - (slots.get(slot).range().start() >>> REGION_SHIFT));
  }

  /** Notes how the pages of a range came to be used. */
  void note(long start, long end, byte what) {
    for (long gfn = start; gfn < end; gfn++) {
      int slot = slot(gfn);
      if (slot >= 0) {
        int region = region(slot, gfn);
        byte[] states = pages[slot][region];
        if (states == null) {
          states = new byte[REGION_PAGES];
          pages[slot][region] = states;
        }
        states[(int) gfn & (REGION_PAGES - 1)] = what;
      }
    }
  }

  /** Notes that a range lost what it held; regions that it touches remember why. */
  void disturb(long start, long end, byte why) {
    for (int slot = 0; slot < slots.size(); slot++) {
      long from = Math.max(start, slots.get(slot).range().start());
      long to = Math.min(end, slots.get(slot).range().end());
      if (from < to) {
        note(from, to, UNTOUCHED);
        for (int region = region(slot, from); region <= region(slot, to - 1); region++) {
          disturbed[slot][region] = why;
        }
      }
    }
  }

  /** Returns how a page came to be used. */
  byte page(long gfn) {
    int slot = slot(gfn);
    byte[] states = slot < 0 ? null : pages[slot][region(slot, gfn)];
    return states == null ? UNTOUCHED : states[(int) gfn & (REGION_PAGES - 1)];
  }

  /** Returns what last disturbed the 2M region of a page. */
  byte disturbance(long gfn) {
    int slot = slot(gfn);
    return slot < 0 ? UNDISTURBED : disturbed[slot][region(slot, gfn)];
  }
}
