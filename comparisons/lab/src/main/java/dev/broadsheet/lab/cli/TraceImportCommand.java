package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.trace.importer.Dropped;
import dev.broadsheet.lab.trace.importer.ImportOptions;
import dev.broadsheet.lab.trace.importer.ImportReport;
import dev.broadsheet.lab.trace.importer.TraceImport;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a trace from what a host printed. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = "Make a trace from trace-cmd report or tracefs text and QEMU logs of one run.")
final class TraceImportCommand implements Callable<Integer> {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,6})([mgt])");
  private static final Pattern HOST =
      Pattern.compile("(?:0x)?([0-9a-f]{1,15})=(?:0x)?([0-9a-f]{1,13}):([0-9]{1,6}[mgt])");

  @Parameters(
      arity = "1..*",
      paramLabel = "LOG",
      description = "Text of ftrace or QEMU, plain or packed; merged by time.")
  private List<Path> logs = new ArrayList<>();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The file to write; in gzip if its name ends in .gz.")
  private Path out = Path.of("");

  @Option(names = "--name", paramLabel = "NAME", description = "Name of the trace.")
  private String name = "imported";

  @Option(
      names = "--ram",
      paramLabel = "SIZE",
      description = "Memory of the guest, such as 4g, as QEMU's q35 lays it out.")
  private String ram = "";

  @Option(
      names = "--hva",
      paramLabel = "HVA=GPA:SIZE",
      description = "Where guest memory is in QEMU's address space, for discards.")
  private List<String> hosts = new ArrayList<>();

  @Option(
      names = "--shift",
      paramLabel = "SECONDS",
      split = ",",
      description = "What to add to the times of each log, in order.")
  private List<BigDecimal> shifts = new ArrayList<>();

  @Option(names = "--strict", description = "Refuse malformed lines and lost events.")
  private boolean strict;

  @Option(
      names = "--derive-conversions",
      description = "Convert a page whose access contradicts the last conversion.")
  private boolean deriveConversions;

  @Option(
      names = "--derive-accepts",
      description = "Accept a private page before its first access.")
  private boolean deriveAccepts;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter print = requireNonNull(spec, "picocli sets it").commandLine().getOut();
    TraceImport trace =
        TraceImport.of(
            logs,
            new ImportOptions(
                name,
                strict,
                ram.isEmpty() ? 0 : size(ram),
                hosts.stream()
                    .map(TraceImportCommand::host)
                    .collect(ImmutableList.toImmutableList()),
                shifts.stream()
                    .map(TraceImportCommand::nanos)
                    .collect(ImmutableList.toImmutableList()),
                deriveConversions,
                deriveAccepts));
    String written = TraceGenerateCommand.write(trace, out);
    print(print, trace.report(), trace.dropped());
    print.println(written);
    print.flush();
    return 0;
  }

  private static void print(PrintWriter print, ImportReport report, Dropped dropped) {
    print.println("%,d lines read; memory from %s".formatted(report.lines(), report.memoryFrom()));
    names(print, "used    ", report.used());
    names(print, "not used", report.unused());
    count(print, dropped.outside(), "accesses outside memory left out (emulated devices)");
    count(
        print,
        dropped.contradicting(),
        "accesses left out that contradict the last conversion (see --derive-conversions)");
    count(print, dropped.elsewhere(), "unmaps of host memory that is not known to be the guest's");
    count(print, report.untimed(), "events left out: a log without times beside others");
    count(print, report.lost(), "notes that the log lost events: the trace has holes");
    count(print, report.malformed(), "malformed lines left out");
    report.problems().forEach(problem -> print.println("  " + problem));
    if (report.problems().size() < report.malformed()) {
      print.println("  ...");
    }
  }

  private static void names(PrintWriter print, String what, Map<String, Long> names) {
    names.forEach((name, n) -> print.println("%s %,12d %s".formatted(what, n, name)));
  }

  private static void count(PrintWriter print, long n, String what) {
    if (n > 0) {
      print.println("%,d %s".formatted(n, what));
    }
  }

  private static long size(String text) {
    Matcher matcher = SIZE.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new UsageException("'%s' is no size; write 512m, 4g or 1t.".formatted(text));
    }
    long bytes = Long.parseLong(matcher.group(1)) << (10 * ("mgt".indexOf(matcher.group(2)) + 2));
    if (bytes < 2L << 20 || bytes > 4L << 40) {
      throw new UsageException("'%s' is out of range; 2m to 4t can be read.".formatted(text));
    }
    return bytes;
  }

  private static ImportOptions.HostRange host(String text) {
    Matcher matcher = HOST.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new UsageException("'%s' is no host range; write 7f70e3e00000=0:256m.".formatted(text));
    }
    long hva = Long.parseLong(matcher.group(1), 16);
    long gpa = Long.parseLong(matcher.group(2), 16);
    if (((hva | gpa) & 0xfff) != 0) {
      throw new UsageException("'%s' does not begin on pages of 4 KiB.".formatted(text));
    }
    return new ImportOptions.HostRange(hva, gpa, size(matcher.group(3)));
  }

  private static long nanos(BigDecimal seconds) {
    BigDecimal limit = BigDecimal.valueOf(9_000_000_000L);
    if (seconds.abs().compareTo(limit) > 0) {
      throw new UsageException("--shift %s is more than 285 years.".formatted(seconds));
    }
    return seconds.movePointRight(9).longValue();
  }
}
