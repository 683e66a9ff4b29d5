package dev.broadsheet.core.memory;

/** What the four array classes share. */
final class PlainArrays {
  /** Narrows an index; whatever does not fit is outside every array. */
  static int at(long index) {
    int i = (int) index;
    if (i != index) {
      throw outside(index);
    }
    return i;
  }

  static void checkRange(long from, long to, int length) {
    if (from < 0 || from > to || to > length) {
      throw new IndexOutOfBoundsException(
          "range [" + from + ", " + to + ") of a kernel array of " + length + " elements");
    }
  }

  static void checkFirstFree(boolean freed) {
    if (freed) {
      throw new IllegalStateException("kernel array freed twice");
    }
  }

  private static IndexOutOfBoundsException outside(long index) {
    return new IndexOutOfBoundsException("index " + index + " of a kernel array");
  }

  private PlainArrays() {}
}
