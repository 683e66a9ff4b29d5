package dev.broadsheet.lab.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.spte.SpteFormatter;
import dev.broadsheet.core.mmu.spte.SpteLayout;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.core.vm.Access;
import dev.broadsheet.core.vm.VirtualMachine;
import dev.broadsheet.core.vm.VmSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The trace of a real guest, replayed: faults with their error codes, and changes of entries with
 * level and state, are those that real KVM 6.12 logged for the same trace, in the same order, from
 * the first to the teardown.
 */
class RealKvmLogTest {
  private static final String LOG = "/golden/kvm612-swprot-td-boot-1g-1v.trace_pipe.txt.gz";
  private static final String TRACE = "/dev/broadsheet/lab/trace/td-boot-1g-1v.trace.gz";
  private static final Pattern FAULT =
      Pattern.compile("kvm_page_fault: .* address 0x(\\S+) error_code 0x(\\S+)");
  private static final Pattern CHANGE =
      Pattern.compile(
          "spte_changed: as id 0 gfn (\\S+) level (\\d) old_spte (\\S+) new_spte (\\S+)");

  /** Where the code of the program lies that replayed the trace against KVM; not compared. */
  private static final long CODE_GPA = 0x8_0000_0000L;

  private static final long RAM_BYTES = 0x4000_0000L;

  @ParameterizedTest
  @ValueSource(strings = {"reference", "memslot-array", "xarray-lpage-info"})
  void trace_replayed_changesEntriesAsRealKvmDid(String strategy) throws IOException {
    assertThat(replayed(strategy)).isEqualTo(logged());
  }

  private static List<String> logged() throws IOException {
    List<String> lines = new ArrayList<>();
    try (BufferedReader in = open(LOG)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        Matcher fault = FAULT.matcher(line);
        Matcher change = CHANGE.matcher(line);
        int convert = line.indexOf("convert ");
        if (fault.find()) {
          addFault(lines, hex(fault.group(1)), hex(fault.group(2)));
        } else if (change.find()) {
          int level = Integer.parseInt(change.group(2));
          addChange(lines, hex(change.group(1)), level, hex(change.group(3)), hex(change.group(4)));
        } else if (convert >= 0) {
          lines.add(line.substring(convert));
        }
      }
    }
    return lines;
  }

  private static List<String> replayed(String strategy) throws IOException {
    List<String> lines = new ArrayList<>();
    StrategyRegistry registry = StrategyRegistry.load();
    PlainMemory memory = new PlainMemory();
    try (VirtualMachine vm =
        VirtualMachine.create(
            VmSpec.parse("kind=swprot,attributes=private,folio=4k,shared-backing=thp"),
            registry.configure(strategy),
            registry::configure,
            memory,
            memory.rcu())) {
      vm.listen(
          new MmuListener() {
            @Override
            public void pageFault(int vcpu, long gpa, long errorCode) {
              addFault(lines, gpa, errorCode);
            }

            @Override
            public void spteChanged(boolean mirror, long gfn, int level, long old, long now) {
              addChange(lines, gfn, level, old, now);
            }
          });
      vm.addMemslot(0, 0, RAM_BYTES);
      vm.addMemslot(1, 0xffc0_0000L, 0x40_0000L);
      vm.addMemslot(2, CODE_GPA, 0x20_0000L);
      vm.setMemoryAttributes(CODE_GPA, 0x20_0000L, PageAttributes.SHARED, 0);
      vm.access(0, CODE_GPA, Access.WALK, /* isPrivate= */ false);
      int number = 0;
      try (BufferedReader in = open(TRACE)) {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          if (!line.startsWith("#")) {
            number++;
            event(vm, line.split(" ", -1), number, lines);
          }
        }
      }
    }
    return lines;
  }

  private static void event(VirtualMachine vm, String[] words, int number, List<String> lines) {
    if (words[0].equals("F") || words[0].equals("T")) {
      Access access = words[4].equals("w") ? Access.WRITE : Access.READ;
      vm.access(0, hex(words[3]), access, /* isPrivate= */ true);
    } else if (words[0].equals("C") && hex(words[3]) + hex(words[4]) <= RAM_BYTES) {
      lines.add("convert %s %s %s line %d".formatted(words[3], words[4], words[5], number));
      boolean toPrivate = words[5].equals("private");
      int attributes = toPrivate ? PageAttributes.PRIVATE : PageAttributes.SHARED;
      vm.setMemoryAttributes(hex(words[3]), hex(words[4]), attributes, 0);
      vm.discardOther(hex(words[3]), hex(words[4]), toPrivate);
    }
  }

  private static void addFault(List<String> lines, long gpa, long errorCode) {
    if (gpa < CODE_GPA) {
      lines.add("fault %x %x".formatted(gpa, errorCode));
    }
  }

  private static void addChange(List<String> lines, long gfn, int level, long old, long now) {
    if (gfn < CODE_GPA >>> 12) {
      lines.add("%x level %d %s > %s".formatted(gfn, level, state(old, level), state(now, level)));
    }
  }

  private static String state(long spte, int level) {
    return SpteFormatter.state(SpteLayout.NPT, spte, level, 0);
  }

  private static long hex(String text) {
    return Long.parseUnsignedLong(text, 16);
  }

  private static BufferedReader open(String resource) throws IOException {
    InputStream in = Objects.requireNonNull(RealKvmLogTest.class.getResourceAsStream(resource));
    return new BufferedReader(
        new InputStreamReader(new GZIPInputStream(in), StandardCharsets.US_ASCII));
  }
}
