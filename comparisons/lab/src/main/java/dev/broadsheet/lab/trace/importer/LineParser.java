package dev.broadsheet.lab.trace.importer;

import dev.broadsheet.lab.trace.AccessType;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads one line of ftrace's or QEMU's text.
 *
 * <p>ftrace: {@code TASK-PID [CPU] FLAGS SECONDS: EVENT: FIELDS}, flags and padding optional. QEMU:
 * {@code EVENT FIELDS}, behind {@code PID@SECONDS:} or an ISO time if it was asked for times.
 * Addresses of page faults have both layouts that kernels have used.
 */
final class LineParser {
  /** What a line was. */
  enum Result {
    /** The event is filled. */
    EVENT,
    /** Something that is not needed; its name is in the event. */
    OTHER,
    /** A line of a known kind that cannot be read, or no line of a log. */
    MALFORMED
  }

  static final int MOST_VCPUS = 4096;

  private static final long GPA_LIMIT = 1L << 52;
  private static final long SHARED_BITS = 1L << 47 | 1L << 51;
  private static final long PFERR_WRITE = 1L << 1;
  private static final long PFERR_FETCH = 1L << 4;
  private static final long PFERR_FINAL = 1L << 32;
  private static final long PFERR_WALK = 1L << 33;
  private static final long EPT_FETCH = 1L << 2;
  private static final long EPT_LINEAR = 1L << 7;
  private static final long EPT_TRANSLATED = 1L << 8;
  private static final long KVM_PRESENT = 1L << 11;
  private static final long KVM_LARGE = 1L << 7;
  private static final long ENCRYPTED = 1L << 4;
  private static final long MEMORY_FAULT_PRIVATE = 1L << 3;

  private final Map<String, Integer> tasks = new HashMap<>();

  Result parse(String line, LogEvent event) {
    event.clear();
    String text = line.strip();
    if (text.isEmpty() || text.startsWith("#") || text.matches("cpus=[0-9]+")) {
      event.name = "";
      return Result.OTHER;
    }
    int cpu = cpuColumn(text);
    return cpu < 0 ? qemu(text, event) : ftrace(text, cpu, event);
  }

  /** Returns where {@code [003]} begins behind the task, or -1. */
  private static int cpuColumn(String text) {
    for (int open = text.indexOf(" ["); open >= 0; open = text.indexOf(" [", open + 1)) {
      int at = open + 2;
      while (at < text.length() && Character.isDigit(text.charAt(at))) {
        at++;
      }
      if (at > open + 2 && at < text.length() && text.charAt(at) == ']') {
        return open + 1;
      }
    }
    return -1;
  }

  private Result ftrace(String text, int cpu, LogEvent event) {
    String task = text.substring(0, cpu).strip();
    Fields fields = new Fields(text.substring(text.indexOf(']', cpu) + 1));
    String stamp = fields.word();
    if (fields.isGood() && !stamp.endsWith(":")) {
      stamp = fields.word();
    }
    String name = fields.word();
    if (!fields.isGood()
        || !name.endsWith(":")
        || !stamp.endsWith(":")
        || !time(stamp.substring(0, stamp.length() - 1), event)) {
      return Result.MALFORMED;
    }
    event.name = name.substring(0, name.length() - 1);
    switch (event.name) {
      case "kvm_page_fault" -> pageFault(task, fields, event);
      case "kvm_tdp_mmu_spte_changed" -> {
        fields.expect("as id").decimal();
        long gfn = fields.expect("gfn").hex();
        int level = fields.expect("level").decimal();
        fields.expect("old_spte").hex();
        leaf(gfn, level, fields.expect("new_spte").hex(), fields, event);
      }
      case "kvm_mmu_set_spte" -> {
        long gfn = fields.expect("gfn").hex();
        long spte = fields.expect("spte").hex();
        fields.word();
        leaf(gfn, fields.expect("level").decimal(), spte, fields, event);
      }
      case "kvm_mmu_spte_requested" -> {
        long gfn = fields.expect("gfn").hex();
        fields.expect("pfn").hex();
        int level = fields.expect("level").decimal();
        leaf(gfn, level, KVM_PRESENT | KVM_LARGE, fields, event);
      }
      case "kvm_unmap_hva_range" -> {
        event.kind = LogEvent.Kind.UNMAP;
        event.hva = fields.expect("mmu notifier unmap range:").hex();
        event.bytes = fields.expect("--").hex() - event.hva;
        requireRange(event.hva, event.bytes, Long.MAX_VALUE, fields);
      }
      case "tracing_mark_write" -> mark(fields, event);
      default -> {
        return Result.OTHER;
      }
    }
    return fields.isGood() ? Result.EVENT : Result.MALFORMED;
  }

  private void pageFault(String task, Fields fields, LogEvent event) {
    event.kind = LogEvent.Kind.FAULT;
    if (fields.optional("vcpu ")) {
      event.vcpu = fields.decimal();
      fields.expect("rip").hex();
    } else {
      event.vcpu = vcpuOf(task);
    }
    long address = fields.expect("address").hex();
    long code = fields.expect("error_code").hex();
    event.hasSharedBit = (address & SHARED_BITS) != 0 && address >>> 52 == 0;
    event.isPrivate = !event.hasSharedBit;
    event.gpa = (event.hasSharedBit ? address & ~SHARED_BITS : address) & ~0xfffL;
    event.bytes = 4096;
    event.access = access(code);
    if (event.gpa < 0 || event.gpa >= GPA_LIMIT || event.vcpu < 0 || event.vcpu >= MOST_VCPUS) {
      fields.fail();
    }
  }

  /**
   * Returns how a page was touched. AMD gives the error code of a page fault, with bit 32 or 33
   * set; Intel gives an exit qualification, with bit 7 or 8 set except for private pages of a TD.
   */
  private static AccessType access(long code) {
    if ((code & PFERR_WALK) != 0) {
      return AccessType.WALK;
    }
    boolean intel = (code & PFERR_FINAL) == 0 && (code & (EPT_LINEAR | EPT_TRANSLATED)) != 0;
    if (intel && (code & EPT_LINEAR) != 0 && (code & EPT_TRANSLATED) == 0) {
      return AccessType.WALK;
    }
    if ((code & PFERR_WRITE) != 0) {
      return AccessType.WRITE;
    }
    return (code & (intel ? EPT_FETCH : PFERR_FETCH)) != 0 ? AccessType.EXECUTE : AccessType.READ;
  }

  /** Old kernels do not print the vCPU: a task is one, numbered in the order of appearance. */
  private int vcpuOf(String task) {
    Integer known = tasks.get(task);
    if (known != null) {
      return known;
    }
    if (tasks.size() == MOST_VCPUS) {
      return -1;
    }
    tasks.put(task, tasks.size());
    return tasks.size() - 1;
  }

  private static void leaf(long gfn, int level, long spte, Fields fields, LogEvent event) {
    event.kind = LogEvent.Kind.LEAF;
    if (gfn < 0 || gfn >= GPA_LIMIT >>> 12 || level < 1 || level > 5) {
      fields.fail();
      return;
    }
    boolean mapped =
        level <= 3 && (spte & KVM_PRESENT) != 0 && (level == 1 || (spte & KVM_LARGE) != 0);
    event.gpa = gfn << 12;
    event.bytes = mapped ? 4096 : 0; // where it is, is enough to know that there is memory
  }

  private static void mark(Fields fields, LogEvent event) {
    if (fields.optional("convert ")) {
      event.kind = LogEvent.Kind.CONVERT;
      event.gpa = fields.hex();
      event.bytes = fields.hex();
      direction(fields.word(), "private", "shared", fields, event);
      requireRange(event.gpa, event.bytes, GPA_LIMIT, fields);
    } else {
      event.kind = LogEvent.Kind.MARK;
      event.text = printable(fields.rest());
    }
  }

  private Result qemu(String text, LogEvent event) {
    int joined = text.indexOf(" kvm_convert_memory start ");
    String rest = joined > 0 && !text.startsWith("kvm_") ? text.substring(joined + 1) : text;
    if (joined <= 0 || rest.equals(text)) {
      rest = withoutTime(text, event);
    } else {
      withoutTime(text, event);
    }
    if (rest.startsWith("CPU:") && rest.contains("LOST")) {
      event.name = "lost events";
      event.kind = LogEvent.Kind.LOST;
      return Result.EVENT;
    }
    Fields fields = new Fields(rest);
    event.name = fields.word();
    switch (event.name) {
      case "kvm_convert_memory" -> {
        event.kind = LogEvent.Kind.CONVERT;
        event.gpa = fields.expect("start").hex();
        event.bytes = fields.expect("size").hex();
        direction(fields.word(), "shared_to_private", "private_to_shared", fields, event);
        requireRange(event.gpa, event.bytes, GPA_LIMIT, fields);
      }
      case "kvm_hc_map_gpa_range" -> {
        event.kind = LogEvent.Kind.CONVERT_REQUEST;
        event.gpa = fields.expect("gpa").hex();
        event.bytes = fields.expect("size").hex();
        event.isPrivate = (fields.expect("attributes").hex() & ENCRYPTED) != 0;
        fields.expect("flags").hex();
        requireRange(event.gpa, event.bytes, GPA_LIMIT, fields);
      }
      case "kvm_memory_fault" -> {
        event.kind = LogEvent.Kind.ATTRIBUTE_FAULT;
        event.gpa = fields.expect("start").hex();
        event.bytes = fields.expect("size").hex();
        event.isPrivate = (fields.expect("flags").hex() & MEMORY_FAULT_PRIVATE) != 0;
        requireRange(event.gpa, event.bytes, GPA_LIMIT, fields);
      }
      case "kvm_set_user_memory" -> slot(fields, event);
      case "ram_block_discard_range" -> {
        event.kind = LogEvent.Kind.DISCARD;
        String block = fields.word();
        int at = block.lastIndexOf('@');
        event.hva = at < 0 ? 0 : new Fields(block.substring(at + 1)).hex();
        event.bytes = fields.expect("+").hex();
        requireRange(event.hva, event.bytes, Long.MAX_VALUE, fields);
      }
      default -> {
        boolean known = event.name.matches("[a-z][a-z0-9]*(_[a-z0-9]+)+|qemu[-a-z0-9_]*:");
        return known ? Result.OTHER : Result.MALFORMED;
      }
    }
    return fields.isGood() ? Result.EVENT : Result.MALFORMED;
  }

  /** {@code AddrSpace#0 Slot#1 flags=0x2 gpa=0x.. size=0x.. ua=0x..}, and more behind it. */
  private static void slot(Fields fields, LogEvent event) {
    event.kind = LogEvent.Kind.SLOT;
    event.addressSpace = fields.expect("AddrSpace#").decimal();
    event.slot = fields.expect("Slot#").decimal();
    event.flags = (int) fields.expect("flags=").hex();
    event.gpa = fields.expect("gpa=").hex();
    event.bytes = fields.expect("size=").hex();
    event.hva = fields.expect("ua=").hex();
    boolean whole = ((event.gpa | event.bytes) & 0xfff) == 0;
    if (!whole || event.gpa < 0 || event.bytes < 0 || event.gpa > GPA_LIMIT - event.bytes) {
      fields.fail();
    }
  }

  private static void direction(String word, String yes, String no, Fields fields, LogEvent event) {
    event.isPrivate = word.equals(yes);
    if (!event.isPrivate && !word.equals(no)) {
      fields.fail();
    }
  }

  private static void requireRange(long start, long bytes, long limit, Fields fields) {
    if (((start | bytes) & 0xfff) != 0 || start < 0 || bytes <= 0 || start > limit - bytes) {
      fields.fail();
    }
  }

  /** Takes the time off the front of a line of QEMU's. */
  private static String withoutTime(String text, LogEvent event) {
    int at = text.indexOf('@');
    int colon = text.indexOf(':');
    if (at > 0
        && colon > at
        && text.substring(0, at).matches("[0-9]{1,10}")
        && time(text.substring(at + 1, colon), event)) {
      return text.substring(colon + 1).strip();
    }
    int blank = text.indexOf(' ');
    if (blank > 19 && text.charAt(4) == '-' && text.charAt(10) == 'T') {
      try {
        Instant instant = Instant.parse(text.substring(0, blank));
        event.nanos =
            Math.addExact(
                Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
        event.timed = event.nanos >= 0;
        return text.substring(blank + 1).strip();
      } catch (DateTimeException | ArithmeticException noTime) {
        return text;
      }
    }
    return text;
  }

  /** Reads {@code SECONDS.MICROS} or with nine digits behind the point. */
  private static boolean time(String stamp, LogEvent event) {
    int point = stamp.indexOf('.');
    if (point < 1 || !stamp.matches("[0-9]{1,10}\\.[0-9]{6}([0-9]{3})?")) {
      return false;
    }
    long seconds = Long.parseLong(stamp.substring(0, point));
    String fraction = (stamp.substring(point + 1) + "000").substring(0, 9);
    if (seconds > 9_000_000_000L) {
      return false;
    }
    event.nanos = seconds * 1_000_000_000L + Long.parseLong(fraction);
    event.timed = true;
    return true;
  }

  private static String printable(String text) {
    String cut = text.length() > 200 ? text.substring(0, 200) : text;
    String clean = cut.replaceAll("[^\\x21-\\x7e]+", " ").strip();
    return clean.isEmpty() ? "mark" : clean;
  }
}
