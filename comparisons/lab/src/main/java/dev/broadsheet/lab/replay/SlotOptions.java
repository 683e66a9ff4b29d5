package dev.broadsheet.lab.replay;

import dev.broadsheet.core.host.SharedBacking;
import dev.broadsheet.core.memslot.KvmMemslot;
import org.jspecify.annotations.Nullable;

/**
 * The options of a slot in a recorded script.
 *
 * @param gmem number of the guest_memfd of the private side, or null
 * @param gmemOffset where in it the slot begins
 * @param hostOffset how far the host address is from its alignment
 * @param flags flags of the slot
 * @param populated whether the host wrote the memory before
 */
record SlotOptions(
    @Nullable Integer gmem, long gmemOffset, long hostOffset, int flags, boolean populated) {
  static final SlotOptions NONE = new SlotOptions(null, 0, 0, 0, false);

  static SlotOptions parse(Words words, int from) throws ScriptFormatException {
    SlotOptions options = NONE;
    for (int i = from; i < words.count(); i++) {
      options = options.with(words, words.word(i));
    }
    return options;
  }

  private SlotOptions with(Words words, String option) throws ScriptFormatException {
    int equals = option.indexOf('=');
    String value = option.substring(equals + 1);
    return switch (equals < 0 ? option : option.substring(0, equals)) {
      case "gmem" ->
          new SlotOptions(
              (int) words.unsigned(value),
              gmemOffset,
              hostOffset,
              flags | KvmMemslot.GUEST_MEMFD,
              populated);
      case "goff" -> new SlotOptions(gmem, words.unsigned(value), hostOffset, flags, populated);
      case "hoff", "hva_mod_1g" ->
          new SlotOptions(gmem, gmemOffset, words.unsigned(value), flags, populated);
      case "flags" ->
          new SlotOptions(
              gmem, gmemOffset, hostOffset, flags | (int) words.unsigned(value), populated);
      case "log" ->
          new SlotOptions(
              gmem, gmemOffset, hostOffset, flags | KvmMemslot.LOG_DIRTY_PAGES, populated);
      case "ro" ->
          new SlotOptions(gmem, gmemOffset, hostOffset, flags | KvmMemslot.READONLY, populated);
      case "pop" -> new SlotOptions(gmem, gmemOffset, hostOffset, flags, true);
      default ->
          throw words.wrong(
              ScriptFormatException.quote(option), "gmem=, goff=, hoff=, flags=, log, ro or pop");
    };
  }

  static SharedBacking.Kind kind(Words words, int index) throws ScriptFormatException {
    for (SharedBacking.Kind kind : SharedBacking.Kind.values()) {
      if (kind.label().equals(words.word(index))) {
        return kind;
      }
    }
    throw words.wrong(ScriptFormatException.quote(words.word(index)), "h2m, h1g, thp or 4k");
  }
}
