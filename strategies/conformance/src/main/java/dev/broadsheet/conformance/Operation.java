package dev.broadsheet.conformance;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import org.jspecify.annotations.Nullable;

/** One thing that happens to a tracker. Written and read as a short word. */
sealed interface Operation {
  /** A memslot comes: {@code +1:0x0-0x400@0x0} (number, gfns, first gfn of the user address). */
  record Add(Memslot slot) implements Operation {
    @Override
    public String toString() {
      return "+%d:%s@0x%x".formatted(slot.id(), text(slot.range()), slot.userGfn());
    }
  }

  /** A memslot goes: {@code -1}. */
  record Remove(int id) implements Operation {
    @Override
    public String toString() {
      return "-" + id;
    }
  }

  /** A conversion in all its phases: {@code c8:0x10-0x20} to attributes 8. */
  record Convert(GfnRange range, int attributes) implements Operation {
    @Override
    public String toString() {
      return "c%x:%s".formatted(attributes, text(range));
    }
  }

  /** A conversion in one call: {@code o8:0x10-0x20}. */
  record ConvertAtOnce(GfnRange range, int attributes) implements Operation {
    @Override
    public String toString() {
      return "o%x:%s".formatted(attributes, text(range));
    }
  }

  /** A conversion that is prepared and cancelled: {@code x8:0x10-0x20}. */
  record Cancel(GfnRange range, int attributes) implements Operation {
    @Override
    public String toString() {
      return "x%x:%s".formatted(attributes, text(range));
    }
  }

  /** The guest accepts and touches a range, in a whole machine only: {@code t:0x10-0x20}. */
  record Touch(GfnRange range) implements Operation {
    @Override
    public String toString() {
      return "t:" + text(range);
    }
  }

  /** The VMM discards a range's memory, in a whole machine only: {@code d:0x10-0x20}. */
  record Discard(GfnRange range) implements Operation {
    @Override
    public String toString() {
      return "d:" + text(range);
    }
  }

  /** Returns the same operation over another range, where it has one. */
  default Operation over(GfnRange range) {
    if (this instanceof Convert convert) {
      return new Convert(range, convert.attributes());
    }
    if (this instanceof ConvertAtOnce convert) {
      return new ConvertAtOnce(range, convert.attributes());
    }
    if (this instanceof Cancel cancel) {
      return new Cancel(range, cancel.attributes());
    }
    if (this instanceof Touch) {
      return new Touch(range);
    }
    return this instanceof Discard ? new Discard(range) : this;
  }

  /** Returns the gfns that it is about, or null if it names none. */
  default @Nullable GfnRange range() {
    if (this instanceof Touch touch) {
      return touch.range();
    }
    return this instanceof Discard discard ? discard.range() : converted();
  }

  /** Returns the gfns that are converted, or null. */
  default @Nullable GfnRange converted() {
    if (this instanceof Convert convert) {
      return convert.range();
    }
    if (this instanceof ConvertAtOnce convert) {
      return convert.range();
    }
    return this instanceof Cancel cancel ? cancel.range() : null;
  }

  /** Returns what a conversion converts to; 0 for all else. */
  default int attributes() {
    if (this instanceof Convert convert) {
      return convert.attributes();
    }
    if (this instanceof ConvertAtOnce convert) {
      return convert.attributes();
    }
    return this instanceof Cancel cancel ? cancel.attributes() : 0;
  }

  /**
   * Reads a word.
   *
   * @throws IllegalArgumentException naming the word
   */
  static Operation parse(String word) {
    try {
      char kind = word.charAt(0);
      if (kind == '-') {
        return new Remove(Integer.parseInt(word.substring(1)));
      }
      int colon = word.indexOf(':');
      String head = word.substring(1, colon);
      String rest = word.substring(colon + 1);
      if (kind == '+') {
        int at = rest.indexOf('@');
        GfnRange range = range(rest.substring(0, at));
        return new Add(
            new Memslot(Integer.parseInt(head), range, Long.decode(rest.substring(at + 1))));
      }
      if (kind == 't' || kind == 'd') {
        return kind == 't' ? new Touch(range(rest)) : new Discard(range(rest));
      }
      int attributes = Integer.parseInt(head, 16);
      return switch (kind) {
        case 'c' -> new Convert(range(rest), attributes);
        case 'o' -> new ConvertAtOnce(range(rest), attributes);
        case 'x' -> new Cancel(range(rest), attributes);
        default -> throw new IllegalArgumentException("unknown kind '" + kind + "'");
      };
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "operation '" + word + "'; expected such as +0:0x0-0x400@0x0, -0, c8:0x10-0x20", e);
    }
  }

  private static GfnRange range(String text) {
    int dash = text.indexOf('-');
    return new GfnRange(
        Long.decode(text.substring(0, dash)), Long.decode(text.substring(dash + 1)));
  }

  private static String text(GfnRange range) {
    return "0x%x-0x%x".formatted(range.start(), range.end());
  }
}
