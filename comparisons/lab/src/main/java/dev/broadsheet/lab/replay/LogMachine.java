package dev.broadsheet.lab.replay;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.StrategyTrait;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.host.GuestMemfd;
import dev.broadsheet.core.host.HostPage;
import dev.broadsheet.core.host.SharedBacking;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.MemslotRequest;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.spte.SpteFormatter;
import dev.broadsheet.core.mmu.spte.SpteLayout;
import dev.broadsheet.core.mmu.tdp.TdpIterator;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.TdpTree;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.vm.Access;
import dev.broadsheet.core.vm.AccessOutcome;
import dev.broadsheet.core.vm.AccessResult;
import dev.broadsheet.core.vm.VirtualMachine;
import dev.broadsheet.core.vm.VmSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * One virtual machine as the recorder drove it: a vCPU whose guest is a few bytes of code in a slot
 * of its own at 3.5 GiB, slots over host mappings, guest_memfds by number.
 */
final class LogMachine {
  private static final int PAGE_SHIFT = 12;
  private static final long CODE_GPA = 0xe000_0000L;
  private static final int CODE_SLOT = 509;
  private static final int CODE_BYTES = 0x1000;
  private static final long GIGABYTE_PAGES = 1L << 18;

  /** What the host writes into memory that it fills before the guest runs. */
  private static final int FILLED = 0x11;

  /** A user mapping behind slots. */
  private static final class Mapping {
    final SharedBacking backing;
    int users;

    Mapping(SharedBacking backing) {
      this.backing = backing;
    }
  }

  /** What a slot of the script was made from. */
  private record SlotMemory(Mapping mapping, long firstPage) {}

  /** What a touch writes that names no byte. */
  private static final int WRITTEN = 0x5a;

  /** The same for a touch that jumps there: the instruction {@code hlt}. */
  private static final int HALT = 0xf4;

  private static final String NOT_MAPPED = "lvl=0 -";

  private final VirtualMachine vm;
  private final TdpIterator walk;
  private final EventLog events;
  private final SpteLayout layout;
  private final ReachShadow shadow;
  private boolean stepCompared = true;
  private long stateEnd;
  private final boolean hasPrivateMemory;
  private final int rootLevel;
  private final Map<Integer, GuestMemfd> gmems = new TreeMap<>();
  private final Map<Integer, SlotMemory> memories = new TreeMap<>();
  private long nextUserPage = 0x7f00_0000L;

  private LogMachine(
      VirtualMachine vm, boolean inTables, boolean hasPrivateMemory, boolean hidesCode) {
    this.vm = vm;
    this.shadow =
        new ReachShadow(vm.tracker(), inTables ? Optional.of(vm.pageTables()) : Optional.empty());
    this.hasPrivateMemory = hasPrivateMemory;
    this.walk = new TdpIterator(vm.mmu().direct());
    this.layout = vm.mmu().direct().layout();
    this.rootLevel = vm.geometry().rootLevel().number();
    this.events = new EventLog(vm.mmu().direct(), hidesCode);
    vm.listen(events);
  }

  /**
   * Creates a machine.
   *
   * @param kind {@code swprot} or {@code default}
   * @param environment the recorded kernel's configuration
   * @param hasCode whether the recorder's own code page exists
   */
  static LogMachine create(
      ConfiguredStrategy strategy,
      Function<String, ConfiguredStrategy> strategies,
      String kind,
      Map<String, String> environment,
      boolean hasCode) {
    VmSpec spec =
        VmSpec.parse(
            "kind=%s,kernel=6.12,format=npt,folio=4k,attributes=shared,phys-bits=40,levels=%s,eager-split=%s,nx-huge-pages=%s"
                .formatted(
                    kind.equals("swprot") ? "swprot" : "plain",
                    environment.getOrDefault("npt", "4-level").substring(0, 1),
                    onOff(environment, "eager_page_split"),
                    onOff(environment, "nx_huge_pages")));
    Rcu rcu = new Rcu();
    VirtualMachine vm =
        VirtualMachine.create(spec, strategy, strategies, new PlainMemory(rcu), rcu);
    LogMachine machine =
        new LogMachine(
            vm,
            strategy.strategy().description().traits().contains(StrategyTrait.NEEDS_PAGE_TABLES),
            kind.equals("swprot"),
            hasCode);
    if (hasCode) {
      machine.addCode();
    }
    return machine;
  }

  private static String onOff(Map<String, String> environment, String key) {
    return environment.getOrDefault(key, "N").equals("Y") ? "on" : "off";
  }

  private void addCode() {
    SharedBacking backing = newBacking(SharedBacking.Kind.SMALL, 0, CODE_BYTES >>> PAGE_SHIFT);
    backing.populate();
    vm.setMemslot(
        MemslotRequest.of(CODE_SLOT, 0, CODE_GPA, CODE_BYTES, backing.userPage() << PAGE_SHIFT),
        backing,
        null);
    events.take();
  }

  private SharedBacking newBacking(SharedBacking.Kind kind, long offsetPages, long pages) {
    long start = (nextUserPage + GIGABYTE_PAGES - 1) & -GIGABYTE_PAGES;
    nextUserPage = start + offsetPages + pages;
    return new SharedBacking(vm.host(), kind, start + offsetPages, pages);
  }

  /**
   * Returns whether the lines of the last step can be compared: not if it was a conversion out of
   * the tracker's reach, or looked at gfns that such a conversion left out of step.
   */
  boolean isStepCompared() {
    return stepCompared;
  }

  /** Returns whether no gfn of a slot is out of step, so that all mappings can be compared. */
  boolean areMappingsCompared() {
    for (int i = 0; i < vm.slots().table().size(); i++) {
      if (shadow.intersects(vm.slots().table().at(i).range())) {
        return false;
      }
    }
    return true;
  }

  // Operations; each returns its lines up to and without the events

  /** Runs a step and returns its lines in the order of the recordings. */
  List<String> run(LogStep step) throws ScriptFormatException {
    List<String> lines = new ArrayList<>();
    List<String> after = new ArrayList<>();
    Words words = step.words();
    stepCompared = true;
    switch (step.operation()) {
      case "gmemfd" -> lines.add(createGmem(words));
      case "slot" -> lines.add(addSlot(words));
      case "alias" -> lines.add(addAlias(words));
      case "del" -> lines.add(result("set_memory_region2", deleteSlot(words)));
      case "move" ->
          lines.add(result("set_memory_region2", vm.moveMemslot(id(words), hex(words, 4))));
      case "dirtylog" -> lines.add(result("set_memory_region2", dirtyLog(words)));
      case "flags" ->
          lines.add(result("set_memory_region2", vm.setFlags(id(words), (int) hex(words, 4))));
      case "set" -> lines.add(result("set_memory_attributes", set(words)));
      case "fault" -> preFault(words, lines, after);
      case "touch" -> touch(words, lines, after);
      case "punch" -> lines.add(result("punch_hole", punch(words)));
      case "alloc" ->
          lines.add(result("fallocate", gmem(words, 3).allocate(hex(words, 4), hex(words, 5))));
      case "closegmem" -> {
        vm.closeGuestMemfd(gmem(words, 3));
        lines.add(result("close", 0));
      }
      case "madv" -> lines.add(result("madvise", advise(words)));
      case "mprot" -> lines.add(result("mprotect", protect(words)));
      case "hostr" -> hostRead(words, lines);
      case "hostw" -> lines.add(result("hostw", hostWrite(words)));
      case "getdirty" -> getDirty(words, lines);
      case "cap" -> lines.add("res check_extension_vm rc=%d errno=0".formatted(capability(words)));
      case "view" -> mapLines(hex(words, 3), hex(words, 4), after);
      case "dump" -> dump(after);
      default ->
          throw words.wrong(
              ScriptFormatException.quote(step.text()), "an operation of the recordings");
    }
    lines.addAll(events.take());
    lines.addAll(after);
    return lines;
  }

  private static String result(String call, int errno) {
    return errno == 0
        ? "res " + call + " rc=0 errno=0"
        : "res %s rc=-1 errno=%d %s".formatted(call, errno, Errno.name(errno));
  }

  private static long hex(Words words, int index) throws ScriptFormatException {
    if (index >= words.count()) {
      throw words.wrong("no operand %d".formatted(index - 2), "one more number");
    }
    return words.number(index);
  }

  private static int id(Words words) throws ScriptFormatException {
    return (int) hex(words, 3);
  }

  private GuestMemfd gmem(Words words, int index) throws ScriptFormatException {
    GuestMemfd found = gmems.get((int) hex(words, index));
    if (found == null) {
      throw words.wrong("no guest_memfd " + words.word(index), "one that was made");
    }
    return found;
  }

  private String createGmem(Words words) throws ScriptFormatException {
    long size = hex(words, 4);
    boolean hasFlags = words.count() > 5 && hex(words, 5) != 0; // 6.12 knows none
    int errno = hasFlags ? Errno.EINVAL : GuestMemfd.errnoOfSize(size);
    if (errno == 0) {
      gmems.put(id(words), new GuestMemfd(vm.host(), size, 0));
    }
    return result("create_guest_memfd", errno);
  }

  private String addSlot(Words words) throws ScriptFormatException {
    long size = hex(words, 5);
    words.requireCount(7, 99, "'slot ID GPA SIZE BACKING [OPTION...]'");
    SlotOptions options = SlotOptions.parse(words, 7);
    SharedBacking.Kind kind = SlotOptions.kind(words, 6);
    Mapping mapping =
        new Mapping(
            newBacking(
                kind,
                options.hostOffset() >>> PAGE_SHIFT,
                Math.max(1, Math.min(size >>> PAGE_SHIFT, Memslots.MAX_PAGES + 1))));
    if (options.populated()) {
      fill(mapping.backing);
    }
    return result("set_memory_region2", addSlot(words, size, mapping, 0, options));
  }

  private static void fill(SharedBacking backing) {
    backing.populate();
    for (long page = 0; page < backing.pages(); page++) {
      backing.writeByte(page, FILLED);
    }
  }

  private int addSlot(Words words, long size, Mapping mapping, long firstPage, SlotOptions options)
      throws ScriptFormatException {
    Integer number = options.gmem();
    GuestMemfd file = number == null ? null : gmems.get(number);
    long user = (mapping.backing.userPage() + firstPage) << PAGE_SHIFT;
    int errno =
        vm.setMemslot(
            new MemslotRequest(
                id(words), options.flags(), hex(words, 4), size, user, options.gmemOffset()),
            mapping.backing,
            file);
    if (errno == 0) {
      mapping.users++;
      memories.put(id(words), new SlotMemory(mapping, firstPage));
    }
    return errno;
  }

  private String addAlias(Words words) throws ScriptFormatException {
    words.requireCount(8, 8, "'alias ID GPA SIZE SOURCE OFFSET'");
    SlotMemory source = memory(words, 6);
    long first = source.firstPage() + (hex(words, 7) >>> PAGE_SHIFT);
    return result(
        "set_memory_region2",
        addSlot(words, hex(words, 5), source.mapping(), first, SlotOptions.NONE));
  }

  private SlotMemory memory(Words words, int index) throws ScriptFormatException {
    SlotMemory memory = memories.get((int) hex(words, index));
    if (memory == null) {
      throw words.wrong("no slot " + words.word(index), "the number of a slot that exists");
    }
    return memory;
  }

  private int deleteSlot(Words words) throws ScriptFormatException {
    int errno = vm.removeMemslot(id(words));
    SlotMemory memory = memories.remove(id(words));
    if (memory != null && --memory.mapping().users == 0) {
      memory.mapping().backing.close();
    }
    return errno;
  }

  private int dirtyLog(Words words) throws ScriptFormatException {
    words.requireCount(5, 5, "'dirtylog ID on|off'");
    KvmMemslot slot = vm.slots().byId(id(words));
    int flags = slot == null ? 0 : slot.flags();
    boolean on = words.word(4).equals("on");
    return vm.setFlags(
        id(words), on ? flags | KvmMemslot.LOG_DIRTY_PAGES : flags & ~KvmMemslot.LOG_DIRTY_PAGES);
  }

  private int set(Words words) throws ScriptFormatException {
    long flags = words.count() > 6 ? hex(words, 6) : 0;
    long gpa = hex(words, 3);
    long size = hex(words, 4);
    long bits = hex(words, 5);
    boolean sound = hasPrivateMemory && ReachShadow.isSound(gpa, size, bits, flags);
    boolean refused = sound && shadow.isOutOfReach(ReachShadow.pages(gpa, size), (int) bits);
    int errno = vm.setMemoryAttributes(gpa, size, bits, flags);
    if (refused || (sound && errno == 0)) {
      GfnRange pages = ReachShadow.pages(gpa, size);
      stepCompared = !refused && !shadow.intersects(pages);
      shadow.follow(pages, (int) bits, refused);
    }
    return errno;
  }

  private void preFault(Words words, List<String> lines, List<String> after)
      throws ScriptFormatException {
    long gpa = hex(words, 3);
    long size = words.count() > 4 ? hex(words, 4) : 1L << PAGE_SHIFT;
    long flags = words.count() > 5 ? hex(words, 5) : 0;
    long[] done = new long[1];
    int errno = vm.preFault(0, gpa, size, flags, done);
    lines.add(result("pre_fault_memory", errno));
    lines.add("left gpa=%x size=%x".formatted(gpa + done[0], size - done[0]));
    mapLines(gpa, Math.max(size, 1), after);
  }

  private void touch(Words words, List<String> lines, List<String> after)
      throws ScriptFormatException {
    words.requireCount(5, 6, "'touch r|w|x GPA [BYTE]'");
    long gpa = hex(words, 4);
    int usual = words.word(3).equals("x") ? HALT : WRITTEN;
    int value = words.count() > 5 ? (int) hex(words, 5) & 0xff : usual;
    AccessResult result = vm.access(0, CODE_GPA, Access.EXECUTE, /* isPrivate= */ false);
    boolean write = !words.word(3).equals("r");
    if (result.outcome() == AccessOutcome.DONE) {
      result = vm.access(0, gpa, write ? Access.WRITE : Access.READ, isPrivate(gpa));
    }
    if (result.outcome() == AccessOutcome.DONE) {
      long gfn = gpa >>> PAGE_SHIFT;
      if (write) {
        vm.writeContent(gfn, isPrivate(gpa), value);
      } else {
        value = vm.readContent(gfn, isPrivate(gpa));
      }
    }
    if (words.word(3).equals("x") && result.outcome() == AccessOutcome.DONE) {
      result = vm.access(0, gpa, Access.EXECUTE, isPrivate(gpa));
    }
    exit(result, gpa, write, value, lines);
    mapLines(gpa, 1L << PAGE_SHIFT, after);
  }

  private boolean isPrivate(long gpa) {
    return hasPrivateMemory && vm.attributes(gpa >>> PAGE_SHIFT) != 0;
  }

  private static void exit(
      AccessResult result, long gpa, boolean write, int value, List<String> lines) {
    switch (result.outcome()) {
      case DONE -> {
        lines.add(result("run", 0));
        lines.add("exit hlt al=%02x".formatted(value));
      }
      case MMIO -> {
        lines.add(result("run", 0));
        lines.add("exit mmio gpa=%x len=1 write=%d".formatted(gpa, write ? 1 : 0));
      }
      case MEMORY_FAULT -> {
        lines.add(result("run", Errno.EFAULT));
        lines.add(
            "exit memory_fault flags=%x gpa=%x size=1000"
                .formatted(result.isPrivate() ? 8 : 0, gpa & -(1L << PAGE_SHIFT)));
      }
      case RETRY, ERROR, NOT_ACCEPTED, ACCEPT_REFUSED -> {
        lines.add(result("run", result.errno()));
        lines.add("exit reason=0");
      }
    }
  }

  /** Repeats a fault that a recorded guest had. */
  List<String> fault(long gpa, long errorCode) {
    Access access =
        (errorCode & 0x10) != 0
            ? Access.EXECUTE
            : (errorCode >>> 33) != 0
                ? Access.WALK
                : (errorCode & 2) != 0 ? Access.WRITE : Access.READ;
    vm.access(0, gpa, access, isPrivate(gpa));
    return events.take();
  }

  /**
   * Adds a slot of a kernel test, {@code slot ID GPA SIZE flags= hva_mod_1g= goff=}, with a file of
   * its own if it has a private side, and returns what that changed.
   *
   * @param kind backing of slots with a private side; the others have small pages, as the tests'
   *     own code
   */
  List<String> addSelftestSlot(Words words, SharedBacking.Kind kind) throws ScriptFormatException {
    words.requireCount(6, 9, "'slot ID GPA SIZE flags=X hva_mod_1g=X goff=X'");
    long size = hex(words, 5);
    SlotOptions options = SlotOptions.parse(words, 6);
    boolean hasFile = (options.flags() & KvmMemslot.GUEST_MEMFD) != 0;
    Mapping mapping =
        new Mapping(
            newBacking(
                hasFile ? kind : SharedBacking.Kind.SMALL,
                options.hostOffset() >>> PAGE_SHIFT,
                Math.max(1, size >>> PAGE_SHIFT)));
    if (id(words) == 0) {
      mapping.backing.populate(); // code, stacks and page tables; other slots nobody wrote
    }
    GuestMemfd file = hasFile ? new GuestMemfd(vm.host(), options.gmemOffset() + size, 0) : null;
    if (file != null) {
      gmems.put(id(words), file);
    }
    int errno =
        vm.setMemslot(
            new MemslotRequest(
                id(words),
                options.flags(),
                hex(words, 4),
                size,
                mapping.backing.userPage() << PAGE_SHIFT,
                options.gmemOffset()),
            mapping.backing,
            file);
    if (errno != 0) {
      throw words.wrong("a slot that KVM refuses: " + Errno.name(errno), "one that it takes");
    }
    mapping.users++;
    memories.put(id(words), new SlotMemory(mapping, 0));
    return events.take();
  }

  /** Runs another operation of a kernel test and returns what that changed. */
  List<String> runSelftest(LogStep step) throws ScriptFormatException {
    Words words = step.words();
    switch (step.operation()) {
      case "delslot" -> deleteSlot(words);
      case "set" -> set(words);
      case "fault" -> preFaultSelftest(words);
      case "punch" ->
          vm.punchHole(fileAt(words), words.numberAfter(4, "off="), words.numberAfter(5, "len="));
      case "alloc" ->
          fileAt(words).allocate(words.numberAfter(4, "off="), words.numberAfter(5, "len="));
      default ->
          throw words.wrong(
              ScriptFormatException.quote(step.text()),
              "run, slot, delslot, set, punch, alloc or fault");
    }
    return events.take();
  }

  /** {@code fault GPA [SIZE]}, or with the names that {@code punch} has for its operands. */
  private void preFaultSelftest(Words words) throws ScriptFormatException {
    boolean named = words.count() > 3 && words.word(3).startsWith("gpa=");
    if (!named) {
      preFault(words, new ArrayList<>(), new ArrayList<>());
      return;
    }
    long size = words.count() > 4 ? words.numberAfter(4, "size=") : 1L << PAGE_SHIFT;
    vm.preFault(0, words.numberAfter(3, "gpa="), size, 0, new long[1]);
  }

  private GuestMemfd fileAt(Words words) throws ScriptFormatException {
    KvmMemslot slot = vm.slots().find(words.numberAfter(3, "gpa=") >>> PAGE_SHIFT);
    GuestMemfd file = slot == null ? null : gmems.get(slot.id());
    if (file == null) {
      throw words.wrong("no guest_memfd at " + words.word(3), "an address in a slot with one");
    }
    return file;
  }

  private int punch(Words words) throws ScriptFormatException {
    return vm.punchHole(gmem(words, 3), hex(words, 4), hex(words, 5));
  }

  private int advise(Words words) throws ScriptFormatException {
    words.requireCount(7, 7, "'madv ID OFFSET LENGTH WHAT'");
    PageRun pages = PageRun.of(words, memory(words, 3));
    SharedBacking backing = memory(words, 3).mapping().backing;
    if (!pages.isAligned()) {
      return Errno.EINVAL;
    }
    return switch (words.word(6)) {
      case "dontneed" -> backing.dontNeed(pages.from(), pages.to());
      case "free" -> backing.lazyFree(pages.from(), pages.to());
      case "hugepage" -> adviseLarge(backing, pages, true);
      case "nohugepage" -> adviseLarge(backing, pages, false);
      case "collapse" -> backing.collapse(pages.from(), pages.to());
      case "willneed" -> 0;
      case "populate_read" -> bringIn(backing, pages, false);
      case "populate_write" -> bringIn(backing, pages, true);
      default ->
          throw words.wrong(
              ScriptFormatException.quote(words.word(6)),
              "dontneed, free, hugepage, nohugepage, collapse, willneed, populate_read or"
                  + " populate_write");
    };
  }

  private static int adviseLarge(SharedBacking backing, PageRun pages, boolean large) {
    backing.adviseLarge(pages.from(), pages.to(), large);
    return 0;
  }

  private static int bringIn(SharedBacking backing, PageRun pages, boolean write) {
    for (long page = pages.from(); page < pages.to(); page++) {
      long found = backing.get(page, write);
      if (HostPage.isError(found)) {
        return HostPage.errno(found);
      }
    }
    return 0;
  }

  /**
   * Pages of a mapping that {@code madvise} and {@code mprotect} mean by an offset and a length.
   *
   * @param from the first
   * @param to the first behind them
   * @param isAligned whether the offset is that of a page; both calls refuse others
   */
  private record PageRun(long from, long to, boolean isAligned) {
    /** Reads operands 2 and 3; the length is rounded up. */
    static PageRun of(Words words, SlotMemory memory) throws ScriptFormatException {
      long offset = hex(words, 4);
      long from = memory.firstPage() + (offset >>> PAGE_SHIFT);
      long to = from + ((hex(words, 5) + (1L << PAGE_SHIFT) - 1) >>> PAGE_SHIFT);
      long end = memory.mapping().backing.mappedEnd();
      if (from < 0 || to < from || to > end) {
        throw words.wrong(
            "pages [0x%x, 0x%x)".formatted(from, to), "some below 0x%x".formatted(end));
      }
      return new PageRun(from, to, (offset & ((1L << PAGE_SHIFT) - 1)) == 0);
    }
  }

  private int protect(Words words) throws ScriptFormatException {
    words.requireCount(7, 7, "'mprot ID OFFSET LENGTH r|rw|none'");
    SlotMemory memory = memory(words, 3);
    PageRun pages = PageRun.of(words, memory);
    SharedBacking.Protection protection =
        switch (words.word(6)) {
          case "r" -> SharedBacking.Protection.READ;
          case "rw" -> SharedBacking.Protection.READ_WRITE;
          case "none" -> SharedBacking.Protection.NONE;
          default -> throw words.wrong(ScriptFormatException.quote(words.word(6)), "r, rw or none");
        };
    if (!pages.isAligned()) {
      return Errno.EINVAL;
    }
    return pages.from() == pages.to()
        ? 0
        : memory.mapping().backing.protect(pages.from(), pages.to(), protection);
  }

  private void hostRead(Words words, List<String> lines) throws ScriptFormatException {
    SlotMemory memory = memory(words, 3);
    long page = memory.firstPage() + (hex(words, 4) >>> PAGE_SHIFT);
    long found = memory.mapping().backing.get(page, /* write= */ false);
    lines.add(result("hostr", HostPage.isError(found) ? HostPage.errno(found) : 0));
    lines.add("val %02x".formatted(memory.mapping().backing.readByte(page)));
  }

  private int hostWrite(Words words) throws ScriptFormatException {
    SlotMemory memory = memory(words, 3);
    long page = memory.firstPage() + (hex(words, 4) >>> PAGE_SHIFT);
    long found = memory.mapping().backing.get(page, /* write= */ true);
    if (HostPage.isError(found)) {
      return HostPage.errno(found);
    }
    memory.mapping().backing.writeByte(page, (int) hex(words, 5) & 0xff);
    return 0;
  }

  private void getDirty(Words words, List<String> lines) throws ScriptFormatException {
    KvmMemslot slot = vm.slots().byId(id(words));
    if (slot == null || !slot.logsDirtyPages()) {
      boolean isNumber = id(words) >= 0 && id(words) < Memslots.USER_SLOTS;
      lines.add(result("get_dirty_log", isNumber ? Errno.ENOENT : Errno.EINVAL));
      return;
    }
    long[] bits = vm.fetchDirtyLog(id(words));
    lines.add(result("get_dirty_log", 0));
    StringBuilder text = new StringBuilder("dirty");
    long start = slot.start();
    long page = 0;
    long pages = bits.length * 64L;
    while (page < pages) {
      long from = page;
      while (page < pages && (bits[(int) (page >>> 6)] >>> (page & 63) & 1) != 0) {
        page++;
      }
      if (page > from) {
        text.append(" %x+%d".formatted(start + from, page - from));
      }
      page++;
    }
    lines.add(text.toString());
  }

  private int capability(Words words) throws ScriptFormatException {
    return switch ((int) hex(words, 3)) {
      case 233 -> hasPrivateMemory ? 8 : 0;
      case 234 -> hasPrivateMemory ? 1 : 0;
      case 235 -> 3;
      case 236 -> 1;
      default -> 0;
    };
  }

  // What is mapped

  private void mapLines(long gpa, long size, List<String> lines) {
    long first = gpa >>> PAGE_SHIFT;
    long end = (gpa + size + (1L << PAGE_SHIFT) - 1) >>> PAGE_SHIFT;
    if (first < end && !shadow.isEmpty()) {
      stepCompared &=
          !shadow.intersects(
              new GfnRange(
                  PageLevel.PG_LEVEL_1G.roundDown(first),
                  PageLevel.PG_LEVEL_1G.roundDown(end - 1) + PageLevel.PG_LEVEL_1G.pages()));
    }
    long gfn = first;
    while (gfn < end) {
      String state = mapState(gfn);
      long next = stateEnd;
      while (next < end && mapState(next).equals(state)) {
        next = stateEnd;
      }
      next = Math.min(next, end);
      String gfns =
          next == gfn + 1
              ? Long.toHexString(gfn)
              : Long.toHexString(gfn) + ".." + Long.toHexString(next - 1);
      lines.add("map " + gfns + " " + state);
      gfn = next;
    }
  }

  /** Returns how a gfn is mapped; {@link #stateEnd} is the end of the entry that says so. */
  private String mapState(long gfn) {
    TdpTree tree = vm.mmu().direct();
    stateEnd = Long.MAX_VALUE;
    if (tree.root() == 0 || gfn >>> (9 * rootLevel) != 0) { // nothing, or behind all tables
      return NOT_MAPPED;
    }
    stateEnd = gfn + 1;
    walk.start(tree, tree.root(), 1, gfn);
    while (Spte.isTable(walk.spte(), walk.level())) {
      walk.next();
      if (!walk.isValid()) {
        return NOT_MAPPED;
      }
    }
    long pages = 1L << (9 * (walk.level() - 1));
    stateEnd = (gfn & -pages) + pages;
    return Spte.isLeaf(walk.spte(), walk.level())
        ? "lvl=%d %s"
            .formatted(
                walk.level(), SpteFormatter.state(layout, walk.spte(), walk.level(), tree.keep()))
        : NOT_MAPPED;
  }

  /** Adds all mappings and the number of tables. */
  void dump(List<String> lines) {
    LeafRuns runs = new LeafRuns(lines);
    vm.forEachLeaf(runs);
    runs.end();
    tables(lines);
  }

  void tables(List<String> lines) {
    for (int level = rootLevel; level >= 1; level--) {
      lines.add("tables lvl=%d n=%d".formatted(level, events.tables(level)));
    }
  }

  /** Returns KVM's count of mappings, without the code page. */
  String pages() {
    long small = vm.counters().leaves(false, 1);
    if (vm.mappingLevel(CODE_GPA >>> PAGE_SHIFT, PageTables.Tree.DIRECT) == 1) {
      small--;
    }
    return "pages 4k=%d 2m=%d 1g=%d"
        .formatted(small, vm.counters().leaves(false, 2), vm.counters().leaves(false, 3));
  }

  /**
   * Ends the machine and returns what that changed. The files are closed first, which zaps the gfns
   * that they are bound to; then the machine goes, level by level.
   */
  List<String> end() {
    vm.audit();
    for (GuestMemfd file : gmems.values()) {
      vm.closeGuestMemfd(file);
    }
    vm.close();
    return events.take();
  }

  /** Puts equal neighbours of all leaves in one line. */
  private final class LeafRuns implements TdpMmu.LeafVisitor {
    private final List<String> lines;
    private long start = -1;
    private long next = -1;
    private int level;
    private String state = "";
    private long count;

    LeafRuns(List<String> lines) {
      this.lines = lines;
    }

    @Override
    public void leaf(boolean mirror, long gfn, int leafLevel, long spte) {
      if (events.isHidden(gfn)) {
        return;
      }
      String now = SpteFormatter.state(layout, spte, leafLevel, vm.mmu().direct().keep());
      if (gfn != next || leafLevel != level || !now.equals(state)) {
        end();
        start = gfn;
        level = leafLevel;
        state = now;
        count = 0;
      }
      count++;
      next = gfn + (1L << (9 * (leafLevel - 1)));
    }

    void end() {
      if (start >= 0) {
        lines.add("leaf %x..%x lvl=%d %s n=%d".formatted(start, next - 1, level, state, count));
      }
      start = -1;
    }
  }
}
