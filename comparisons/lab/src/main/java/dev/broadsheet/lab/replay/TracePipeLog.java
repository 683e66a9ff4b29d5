package dev.broadsheet.lab.replay;

import com.google.common.collect.ImmutableSet;
import dev.broadsheet.core.mmu.spte.SpteFormatter;
import dev.broadsheet.core.mmu.spte.SpteLayout;
import dev.broadsheet.lab.trace.BundledTraces;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a real KVM's tracepoints printed while a trace was replayed against it ({@code trace_pipe}),
 * in the words of the recordings: host frames, times and the replayer's own instruction pointer are
 * left out, for another machine has others.
 *
 * @param file its name, which holds the name of the bundled trace that caused it
 * @param trace that name
 * @param events one line each, in order
 * @param lines their line numbers in the file
 * @param kinds the kinds of events that were recorded
 */
record TracePipeLog(
    String file, String trace, List<String> events, List<Integer> lines, Set<String> kinds) {
  private static final String FIRST_LINE = "# tracer:";
  private static final Pattern EVENT = Pattern.compile(".*?\\s[0-9]+\\.[0-9]+: (\\w+): (.*)");
  private static final Pattern FAULT =
      Pattern.compile("vcpu \\d+ rip \\S+ address 0x([0-9a-f]+) error_code 0x([0-9a-f]+)");
  private static final Pattern CHANGE =
      Pattern.compile(
          "as id 0 gfn ([0-9a-f]+) level (\\d) old_spte ([0-9a-f]+) new_spte ([0-9a-f]+)");
  private static final Pattern REQUEST =
      Pattern.compile("gfn ([0-9a-f]+) pfn [0-9a-f]+ level (\\d)( access .*)?");
  private static final Pattern CONVERSION =
      Pattern.compile("convert ([0-9a-f]+) ([0-9a-f]+) (private|shared) line (\\d+)");

  /** Events of the host's memory manager and others, which the changes show by what they do. */
  private static final ImmutableSet<String> NOT_COMPARED =
      ImmutableSet.of("kvm_unmap_hva_range", "kvm_mmu_set_spte");

  static boolean isOne(ScriptText text) {
    return text.lines().get(0).startsWith(FIRST_LINE);
  }

  static TracePipeLog parse(ScriptText text) throws ScriptFormatException {
    List<String> events = new ArrayList<>();
    List<Integer> lines = new ArrayList<>();
    Set<String> kinds = new TreeSet<>();
    for (int i = 0; i < text.lines().size(); i++) {
      String line = text.lines().get(i);
      if (line.startsWith("#") || line.isBlank()) {
        continue;
      }
      String event = event(Words.of(text.file(), i + 1, line));
      if (!event.isEmpty()) {
        events.add(event);
        lines.add(i + 1);
        kinds.add(event.substring(0, event.indexOf(' ')));
      }
    }
    return new TracePipeLog(text.file(), cause(text.file()), events, lines, kinds);
  }

  private static String cause(String file) throws ScriptFormatException {
    String found = "";
    for (String name : BundledTraces.all().keySet()) {
      if (file.contains(name) && name.length() > found.length()) {
        found = name;
      }
    }
    if (found.isEmpty()) {
      throw new ScriptFormatException(
          file,
          1,
          "a log whose file name does not say which trace caused it",
          "one of %s in its name".formatted(BundledTraces.all().keySet()));
    }
    return found;
  }

  private static String event(Words line) throws ScriptFormatException {
    Matcher event = EVENT.matcher(line.text());
    if (!event.matches()) {
      throw line.wrong(ScriptFormatException.quote(line.text()), "an event of a trace_pipe");
    }
    String text = event.group(2);
    return switch (event.group(1)) {
      case "kvm_page_fault" -> {
        Matcher fault = match(FAULT, text, line);
        yield fault(hex(fault.group(1)), hex(fault.group(2)));
      }
      case "kvm_tdp_mmu_spte_changed" -> {
        Matcher change = match(CHANGE, text, line);
        yield change(
            hex(change.group(1)),
            Integer.parseInt(change.group(2)),
            hex(change.group(3)),
            hex(change.group(4)),
            0);
      }
      case "kvm_mmu_spte_requested" -> {
        Matcher request = match(REQUEST, text, line);
        yield request(hex(request.group(1)), Integer.parseInt(request.group(2)));
      }
      case "tracing_mark_write" -> {
        if (text.startsWith("mark ")) {
          yield "";
        }
        Matcher conversion = match(CONVERSION, text, line);
        yield conversion(
            hex(conversion.group(1)),
            hex(conversion.group(2)),
            conversion.group(3).equals("private"),
            Long.parseLong(conversion.group(4)));
      }
      default -> {
        if (!NOT_COMPARED.contains(event.group(1))) {
          throw line.wrong(event.group(1), "an event of KVM's MMU");
        }
        yield "";
      }
    };
  }

  private static Matcher match(Pattern pattern, String text, Words line)
      throws ScriptFormatException {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.matches()) {
      throw line.wrong(ScriptFormatException.quote(text), pattern.pattern());
    }
    return matcher;
  }

  private static long hex(String digits) {
    return Long.parseUnsignedLong(digits, 16);
  }

  static String fault(long gpa, long errorCode) {
    return "npf gpa=%x error_code=%x".formatted(gpa, errorCode);
  }

  static String request(long gfn, int level) {
    return "req %x lvl=%d".formatted(gfn, level);
  }

  static String change(long gfn, int level, long old, long now, long keep) {
    return "chg %x %d %s > %s"
        .formatted(
            gfn,
            level,
            SpteFormatter.state(SpteLayout.NPT, old, level, keep),
            SpteFormatter.state(SpteLayout.NPT, now, level, keep));
  }

  static String conversion(long gpa, long bytes, boolean toPrivate, long line) {
    return "convert %x %x %s line %d".formatted(gpa, bytes, toPrivate ? "private" : "shared", line);
  }
}
