package dev.broadsheet.lab.trace.importer;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.broadsheet.lab.trace.EventStream;
import dev.broadsheet.lab.trace.GuestKind;
import dev.broadsheet.lab.trace.Trace;
import dev.broadsheet.lab.trace.TraceFormatException;
import dev.broadsheet.lab.trace.TraceHeader;
import dev.broadsheet.lab.trace.TraceSlot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Logs of one run, as one trace.
 *
 * <p>Faults become {@code F} where the page was not accessed since its last conversion or discard,
 * else {@code T}; conversions become {@code C}, discarded host memory {@code D}, text that was
 * written into the log {@code M}. Accesses outside the guest's memory are emulated devices and are
 * left out. Nothing is invented: accepts are in no log, and conversions only in QEMU's or where a
 * program wrote them into ftrace's.
 */
public final class TraceImport implements Trace {
  private static final int MOST_PROBLEMS = 20;
  private static final int MOST_NAMES = 64;
  private static final int QUOTE = 160;

  private final ImmutableList<Path> files;
  private final ImportOptions options;
  private final ImportReport report;
  private final TraceHeader header;
  private final LogFacts facts;
  private Dropped dropped = new Dropped();

  private TraceImport(ImmutableList<Path> files, ImportOptions options) throws IOException {
    this.files = files;
    this.options = options;
    Survey survey = new Survey(files, options);
    survey.run();
    this.report = survey.report();
    this.header = survey.header();
    this.facts = survey.facts();
  }

  /**
   * Reads logs once.
   *
   * @throws TraceFormatException if a line is malformed and the options are strict, or nothing in
   *     the files tells about a guest
   */
  public static TraceImport of(List<Path> files, ImportOptions options) throws IOException {
    if (files.isEmpty()) {
      throw new IllegalArgumentException("No log was named; give one or more files.");
    }
    return new TraceImport(ImmutableList.copyOf(files), options);
  }

  /** Returns what was found in the files. */
  public ImportReport report() {
    return report;
  }

  /** Returns what the stream that was opened last has left out so far. */
  public Dropped dropped() {
    return dropped;
  }

  @Override
  public String title() {
    return options.name();
  }

  @Override
  public EventStream open() throws IOException {
    dropped = new Dropped();
    return new MergedStream(files, options, header, facts, dropped);
  }

  /**
   * What a merge has to know beforehand.
   *
   * @param sharedBits whether addresses of faults carry the attribute
   * @param kernelFaults whether KVM's own page faults are in the logs
   * @param kernelUnmaps whether KVM's own unmaps are in the logs
   * @param timed which files have times
   * @param hosts where guest memory is in the host's process
   */
  record LogFacts(
      boolean sharedBits,
      boolean kernelFaults,
      boolean kernelUnmaps,
      ImmutableList<Boolean> timed,
      ImmutableList<ImportOptions.HostRange> hosts) {}

  /** One pass over all files. */
  private static final class Survey {
    private final ImmutableList<Path> files;
    private final ImportOptions options;
    private final MemoryLayout layout = new MemoryLayout();
    private final Map<String, Long> used = new TreeMap<>();
    private final Map<String, Long> unused = new TreeMap<>();
    private final List<ImportReport.Problem> problems = new ArrayList<>();
    private final List<Boolean> timed = new ArrayList<>();
    private long lines;
    private long malformed;
    private long lost;
    private long untimed;
    private int vcpus = 1;
    private boolean sharedBits;
    private boolean faults;
    private boolean unmaps;
    private boolean conversions;

    Survey(ImmutableList<Path> files, ImportOptions options) {
      this.files = files;
      this.options = options;
    }

    void run() throws IOException {
      for (Path file : files) {
        read(file);
      }
    }

    private void read(Path file) throws IOException {
      LogEvent event = new LogEvent();
      LineParser parser = new LineParser();
      long withTime = 0;
      long without = 0;
      try (LogLines in = new LogLines(file)) {
        while (in.next()) {
          lines++;
          String text = in.text();
          if (text == null) {
            problem(file, in, "a line of more than " + LogLines.LONGEST_LINE + " bytes");
            continue;
          }
          LineParser.Result result = parser.parse(text, event);
          if (result == LineParser.Result.OTHER) {
            if (!event.name.isEmpty()) {
              count(unused, event.name);
            }
            continue;
          }
          if (result == LineParser.Result.MALFORMED || !note(event)) {
            problem(file, in, quote(text));
            continue;
          }
          count(used, event.name);
          if (event.kind == LogEvent.Kind.LOST) {
            lost++;
            if (options.strict()) {
              problem(file, in, quote(text));
            }
          } else if (event.kind != LogEvent.Kind.SLOT && event.kind != LogEvent.Kind.LEAF) {
            withTime += event.timed ? 1 : 0;
            without += event.timed ? 0 : 1;
          }
        }
      }
      timed.add(without == 0);
      if (files.size() > 1 && without > 0) {
        untimed += without + withTime;
      }
    }

    private boolean note(LogEvent event) {
      switch (event.kind) {
        case FAULT -> {
          faults = true;
          sharedBits |= event.hasSharedBit;
          vcpus = Math.max(vcpus, event.vcpu + 1);
          layout.accessed(event.gpa);
        }
        case CONVERT, CONVERT_REQUEST -> {
          conversions = true;
          layout.accessed(event.gpa);
        }
        case ATTRIBUTE_FAULT -> layout.accessed(event.gpa);
        case UNMAP -> unmaps = true;
        case SLOT -> {
          return layout.slot(event);
        }
        case LEAF -> {
          return event.bytes == 0 || layout.mapped(event.gpa);
        }
        case DISCARD, MARK, LOST -> {
          // Nothing to learn.
        }
      }
      return true;
    }

    private void problem(Path file, LogLines in, String text) throws TraceFormatException {
      malformed++;
      if (options.strict()) {
        throw new TraceFormatException(
            file.toString(), in.number(), text, "a line of ftrace or of QEMU's log, none lost");
      }
      if (problems.size() < MOST_PROBLEMS) {
        problems.add(new ImportReport.Problem(file.toString(), in.number(), text));
      }
    }

    private static String quote(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      return TraceFormatException.quote(bytes, 0, Math.min(bytes.length, QUOTE));
    }

    private static void count(Map<String, Long> names, String name) {
      boolean room = names.size() < MOST_NAMES || names.containsKey(name);
      names.merge(room && name.length() <= 64 ? name : "(others)", 1L, Long::sum);
    }

    ImportReport report() {
      return new ImportReport(
          lines,
          ImmutableMap.copyOf(used),
          ImmutableMap.copyOf(unused),
          malformed,
          ImmutableList.copyOf(problems),
          lost,
          untimed,
          layout.source(options.ramBytes()));
    }

    LogFacts facts() {
      ImmutableList.Builder<ImportOptions.HostRange> hosts = ImmutableList.builder();
      hosts.addAll(options.hostRanges());
      hosts.addAll(layout.hosts());
      return new LogFacts(sharedBits, faults, unmaps, ImmutableList.copyOf(timed), hosts.build());
    }

    TraceHeader header() throws TraceFormatException {
      ImmutableList<TraceSlot> slots = layout.slots(options.ramBytes());
      if (slots.isEmpty()) {
        throw new TraceFormatException(
            files.get(0).toString(),
            0,
            "nothing about a guest's memory in %,d lines".formatted(lines),
            "kvm_page_fault or kvm_convert_memory lines");
      }
      boolean confidential = sharedBits || conversions || layout.hasGuestMemfd();
      ImmutableMap.Builder<String, String> keys = ImmutableMap.builder();
      keys.put("clock", "of the host that recorded the logs");
      keys.put(
          "imported",
          "%d files, %,d lines, %,d malformed".formatted(files.size(), lines, malformed));
      keys.put("memory-from", layout.source(options.ramBytes()));
      keys.put("accepts", options.deriveAccepts() ? "derived" : "none: no log has them");
      if (options.deriveConversions()) {
        keys.put("conversions", "derived where an access contradicts the one before");
      }
      if (lost > 0) {
        keys.put("lost", "%d notes of lost events".formatted(lost));
      }
      return new TraceHeader(
          options.name(),
          confidential ? GuestKind.TD : GuestKind.VM,
          vcpus,
          slots,
          ImmutableMap.of(),
          keys.buildOrThrow());
    }
  }
}
