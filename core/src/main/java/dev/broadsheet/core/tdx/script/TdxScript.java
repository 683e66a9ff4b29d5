package dev.broadsheet.core.tdx.script;

import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.tdx.AccessKind;
import dev.broadsheet.core.tdx.ExitReason;
import dev.broadsheet.core.tdx.GuestOutcome;
import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.SeamcallLeaf;
import dev.broadsheet.core.tdx.TdcallLeaf;
import dev.broadsheet.core.tdx.TdxModuleConfig;
import dev.broadsheet.core.tdx.TdxStatus;
import dev.broadsheet.core.tdx.guest.MapGpa;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptTables;
import dev.broadsheet.core.tdx.sept.SeptWalk;
import dev.broadsheet.core.tdx.td.TdControl;
import dev.broadsheet.core.tdx.td.TdParams;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Executes a script of SEAMCALLs and TDCALLs, one a line, and prints for each its status name, the
 * hex value, RCX and RDX. {@link #HELP} is the documentation of the format.
 *
 * <p>A line that cannot be executed ends the run with a {@link ScriptException} that names it; a
 * call that answers an error is a result and is printed like any other. Not safe for use from many
 * threads.
 */
public final class TdxScript {
  /** The format, for people. */
  public static final String HELP =
      """
      One statement a line; # starts a comment. Numbers: 12, 0x1f, 1_000, with k, m,
      g or t for KiB to TiB; $name is a value; + and | join terms without blanks:
      rcx=4m|1, r8=$page+4k.

      module [gib=8] [packages=1] [dynamic-pamt=off] [demote-uninterruptible=off]
             [ready=on] [five-level=on] [contents=on]
          the module; first statement, or the defaults hold. TDMR: [0, gib GiB).
      td NAME [hkid=64] [attributes=0x10000000] [levels=4] [flags=0]
             [max-vcpus=576] [vcpus=1] [tables=GPA] [finalize=on]
          builds a TD by all its calls. Defines $NAME (TDR) and $NAME.vcpu0 ...
          (TDVPRs); vcpuN is bound to processor N: enter it with cpu=N. Control
          pages and tables come from the top of memory downwards. tables=GPA adds
          the Secure EPT tables down to the page table of that GPA.
      LEAF [cpu=N] [v=VERSION] [rcx=..] [rdx=..] [r8=..] ... [r15=..]
          a SEAMCALL, such as TDH.MEM.PAGE.AUG. level=N gpa=G is short for rcx=G|N;
          hpa=H for r8=H; td=$NAME for the TDR in rdx (in rcx for TRACK, FINALIZE,
          INIT, KEY.* and the like).
      SEAMCALL NUMBER [...]
          the same by number; RAX bits above 23:0 may be given as well.
      LEAF vcpu=$NAME.vcpu0 [rcx=..] ...
          a TDCALL, such as TDG.MEM.PAGE.ACCEPT. By number: TDCALL NUMBER vcpu=..
      access read|write|execute vcpu=V gpa=G [value=X]
          a guest's memory access
      kick vcpu=V
          an external interrupt: the vCPU leaves the TD
      map-gpa td=T r12=START r13=BYTES [exits=on] [interrupt-after=CHUNKS]
          what KVM answers to a MapGPA with these registers: exits=off if user space
          does not serve it; a chunk is 2M. Prints R10, R11 and the chunks done.
      vmcall-answer vcpu=V
          what the guest finds after its TDVMCALL
      tdparams hpa=H [attributes=] [xfam=3] [max-vcpus=] [l2=0] [eptp=0x1e] [flags=0]
          writes TD_PARAMS into shared memory
      host write hpa=H value=X | host read hpa=H
          the host's own access, with its key
      fault LEAF busy|interrupt|STATUS [nth=1] [operand=RCX]
          the N-th call from now on fails; STATUS as in TDX_RND_NO_ENTROPY
      interrupts [seed=1] one-in=N
          interrupts for restartable calls; 0 = never
      lock|unlock tree|op-state|epoch td=T shared|exclusive
          another call that holds a lock of the TD, as on a real machine it would
      lock|unlock entry td=T gpa=G [level=0]
          another host's call that holds the lock of a Secure EPT entry
      let NAME=VALUE
          defines $NAME; $new is a fresh 4K page
      entry td=T gpa=G [level=0]
          prints the raw entry; no SEAMCALL
      teardown td=T
          flush, free the key, reclaim every page
      audit
          checks every invariant

      Output: LINE WHAT STATUS HEX RCX=HEX RDX=HEX R8=HEX, then those of R9 to R15
      that the call changed (RDMD: R9 = block epoch). After a TD exit WHAT ends in
      '(exit N)' and HEX is RAX; R8 is the GPA.
      """;

  private static final Set<String> TD_IN_RCX =
      Set.of(
          "TDH_MEM_TRACK",
          "TDH_MR_FINALIZE",
          "TDH_MNG_INIT",
          "TDH_MNG_KEY_CONFIG",
          "TDH_MNG_VPFLUSHDONE",
          "TDH_MNG_KEY_FREEID",
          "TDH_MNG_KEY_RECLAIMID",
          "TDH_EXPORT_STATE_IMMUTABLE",
          "TDH_EXPORT_PAUSE",
          "TDH_EXPORT_ABORT",
          "TDH_IMPORT_STATE_IMMUTABLE",
          "TDH_IMPORT_STATE_TD",
          "TDH_IMPORT_TRACK",
          "TDH_IMPORT_COMMIT",
          "TDH_IMPORT_END");

  private final KernelMemory memory;
  private final Appendable out;
  private final Map<String, Long> values = new HashMap<>();
  private final Registers regs = new Registers();

  /** {@code given[i]}: register i (9 to 15) before the call. */
  private final long[] given = new long[16];

  private @Nullable SmallWorld world;
  private int line;

  /** Creates a runner that prints to {@code out}. */
  public TdxScript(Appendable out) {
    this.memory = new PlainMemory();
    this.out = out;
  }

  /**
   * Executes a script.
   *
   * @throws ScriptException for the first line that cannot be executed; lines before it are done
   */
  public void run(BufferedReader script) throws IOException, ScriptException {
    String text = script.readLine();
    while (text != null) {
      line++;
      int comment = text.indexOf('#');
      String statement = (comment < 0 ? text : text.substring(0, comment)).strip();
      if (!statement.isEmpty()) {
        execute(statement);
      }
      text = script.readLine();
    }
  }

  private void execute(String statement) throws IOException, ScriptException {
    List<String> words = Arrays.asList(statement.split("\\s+"));
    String verb = words.get(0);
    try {
      switch (verb.toLowerCase(Locale.ROOT)) {
        case "module" -> module(new Arguments(words, 1));
        case "td" -> td(words);
        case "seamcall" -> seamcallByNumber(words);
        case "tdcall" -> tdcallByNumber(words);
        case "access" -> access(words);
        case "kick" -> kick(new Arguments(words, 1));
        case "map-gpa" -> mapGpa(new Arguments(words, 1));
        case "vmcall-answer" -> vmcallAnswer(new Arguments(words, 1));
        case "tdparams" -> tdparams(new Arguments(words, 1));
        case "host" -> host(words);
        case "fault" -> fault(words);
        case "interrupts" -> interrupts(new Arguments(words, 1));
        case "lock", "unlock" -> lock(words, verb.equalsIgnoreCase("lock"));
        case "let" -> let(words);
        case "entry" -> entry(new Arguments(words, 1));
        case "teardown" -> teardown(new Arguments(words, 1));
        case "audit" -> audit();
        default -> leaf(words);
      }
    } catch (IllegalArgumentException e) {
      throw fail(String.valueOf(e.getMessage()));
    } catch (IllegalStateException e) {
      if (verb.equals("audit")) {
        throw e; // a broken invariant of the model, no mistake of the script
      }
      throw fail(String.valueOf(e.getMessage()));
    }
  }

  private ScriptException fail(String message) {
    return new ScriptException(line, message);
  }

  private SmallWorld world() {
    if (world == null) {
      world = new SmallWorld(memory, config(8).contents(true).build());
    }
    return world;
  }

  private static TdxModuleConfig.Builder config(long gib) {
    return TdxModuleConfig.builder().tdmr(0, gib << 30);
  }

  // Statements that set the scene.

  private void module(Arguments a) throws ScriptException {
    if (world != null) {
      throw fail("the module is loaded already; 'module' must be the first statement");
    }
    TdxModuleConfig.Builder builder = config(a.number("gib", 8));
    int packages = (int) a.number("packages", 1);
    builder
        .packages(packages, packages == 1 ? 1024 : 16)
        .dynamicPamt(a.flag("dynamic-pamt", false))
        .demoteUninterruptible(a.flag("demote-uninterruptible", false))
        .ready(a.flag("ready", true))
        .fiveLevelEpt(a.flag("five-level", true))
        .contents(a.flag("contents", true));
    a.finish();
    world = new SmallWorld(memory, builder.build());
  }

  private void td(List<String> words) throws ScriptException {
    String name = word(words, 1, "a name for the TD");
    Arguments a = new Arguments(words, 2);
    long levels = a.number("levels", 4);
    if (levels != 4 && levels != 5) {
      throw fail("levels=" + levels + "; known: 4, 5");
    }
    TdParams params =
        TdParams.defaults()
            .withAttributes(a.number("attributes", TdParams.SEPT_VE_DISABLE))
            .withMaxVcpus((int) a.number("max-vcpus", 576))
            .withEptpControls(levels == 4 ? TdParams.EPTP_4_LEVEL : TdParams.EPTP_5_LEVEL)
            .withConfigFlags(a.number("flags", 0));
    int hkid = (int) a.number("hkid", 64);
    long vcpus = a.number("vcpus", 1);
    Long tables = a.optional("tables");
    boolean finalize = a.flag("finalize", true);
    a.finish();
    long tdr = world().createTd(params, hkid);
    values.put(name, tdr);
    for (int i = 0; i < vcpus; i++) {
      values.put(name + ".vcpu" + i, world().createVcpu(tdr, i));
    }
    if (tables != null) {
      world().addTables(tdr, tables, 0);
    }
    if (finalize) {
      world().finalizeTd(tdr);
    }
  }

  private void tdparams(Arguments a) throws ScriptException {
    long hpa = a.required("hpa");
    TdParams d = TdParams.defaults();
    world()
        .module()
        .writeTdParams(
            hpa,
            new TdParams(
                a.number("attributes", d.attributes()),
                a.number("xfam", d.xfam()),
                (int) a.number("max-vcpus", d.maxVcpus()),
                (int) a.number("l2", 0),
                a.number("eptp", d.eptpControls()),
                a.number("flags", 0)));
    a.finish();
  }

  private void let(List<String> words) throws ScriptException {
    for (String word : words.subList(1, words.size())) {
      int equals = word.indexOf('=');
      if (equals <= 0) {
        throw fail("'" + word + "' is not of the form name=value");
      }
      values.put(word.substring(0, equals), value(word.substring(equals + 1)));
    }
  }

  private void fault(List<String> words) throws ScriptException {
    String name = word(words, 1, "a leaf");
    String kind = word(words, 2, "busy, interrupt or a status");
    Arguments a = new Arguments(words, 3);
    long nth = a.number("nth", 1);
    OperandId operand = operand(a.text("operand", "RCX"));
    a.finish();
    boolean busy = kind.equals("busy");
    SeamcallLeaf host = SeamcallLeaf.named(name);
    TdcallLeaf guest = TdcallLeaf.named(name);
    TdxStatus status = status(kind);
    if (!busy && !kind.equals("interrupt") && (status == null || host == null)) {
      throw fail("'" + kind + "'; known: busy, interrupt, and for SEAMCALLs a status name");
    }
    if (status != null && host != null) {
      world().module().faults().status(host, nth, status.value());
    } else if (host != null && busy) {
      world().module().faults().busy(host, nth, operand);
    } else if (host != null) {
      world().module().faults().interrupt(host, nth);
    } else if (guest != null && busy) {
      world().module().faults().busy(guest, nth);
    } else if (guest != null) {
      world().module().faults().interrupt(guest, nth);
    } else {
      throw unknownLeaf(name);
    }
  }

  private static @Nullable TdxStatus status(String name) {
    for (TdxStatus status : TdxStatus.values()) {
      if (status.name().equals(name)) {
        return status;
      }
    }
    return null;
  }

  private OperandId operand(String name) throws ScriptException {
    for (OperandId id : OperandId.values()) {
      if (id.name().equalsIgnoreCase(name)) {
        return id;
      }
    }
    throw fail("operand=" + name + "; known: " + Arrays.toString(OperandId.values()));
  }

  private void interrupts(Arguments a) throws ScriptException {
    world().module().faults().schedule(a.number("seed", 1), (int) a.required("one-in"));
    a.finish();
  }

  private void lock(List<String> words, boolean take) throws ScriptException {
    String which = word(words, 1, "tree, op-state, epoch or entry");
    if (which.equals("entry")) {
      lockEntry(new Arguments(words, 2), take);
      return;
    }
    Set<String> kinds = new HashSet<>(words.subList(2, words.size()));
    boolean exclusive = kinds.remove("exclusive");
    boolean shared = kinds.remove("shared");
    if (exclusive == shared) {
      throw fail("say either shared or exclusive");
    }
    Arguments a = new Arguments(List.copyOf(kinds), 0);
    TdControl td = world().module().td(a.required("td"));
    a.finish();
    var lock =
        switch (which) {
          case "tree" -> td.treeLock;
          case "op-state" -> td.opStateLock;
          case "epoch" -> td.epochs.lock;
          default -> throw fail("lock '" + which + "'; known: tree, op-state, epoch, entry");
        };
    boolean done = true;
    if (!take && exclusive) {
      lock.unlockExclusive();
    } else if (!take) {
      lock.unlockShared();
    } else {
      done = exclusive ? lock.tryExclusive() : lock.tryShared();
    }
    if (!done) {
      throw fail("the " + which + " lock is taken already");
    }
  }

  /** Takes or releases the lock of an entry for a host's call that is under way elsewhere. */
  private void lockEntry(Arguments a, boolean take) throws ScriptException {
    TdControl td = world().module().td(a.required("td"));
    long gpa = a.required("gpa");
    int level = (int) a.number("level", 0);
    a.finish();
    SeptTables tables = world().module().tables();
    SeptWalk walk = new SeptWalk();
    if (!walk.walk(tables, td.root(), td.rootLevel(), gpa, level)) {
      throw fail("the walk stops at level " + walk.level + ", above level " + level);
    }
    if (SeptEntry.isLocked(tables.entry(walk.table, walk.index, walk.level)) == take) {
      throw fail(take ? "the entry is locked already" : "the entry is not locked");
    }
    if (take) {
      tables.lockHost(walk);
    } else {
      tables.unlock(walk.table, walk.index, walk.level, walk.entry);
    }
  }

  // Calls.

  private void leaf(List<String> words) throws IOException, ScriptException {
    String name = words.get(0);
    SeamcallLeaf host = SeamcallLeaf.named(name);
    if (host != null) {
      seamcall(host.leafName(), host.number(), host, new Arguments(words, 1));
      return;
    }
    TdcallLeaf guest = TdcallLeaf.named(name);
    if (guest == null) {
      throw unknownLeaf(name);
    }
    tdcall(guest.leafName(), guest.number(), new Arguments(words, 1));
  }

  private void seamcallByNumber(List<String> words) throws IOException, ScriptException {
    long rax = value(word(words, 1, "a number"));
    SeamcallLeaf leaf = SeamcallLeaf.of(rax & 0xffff);
    seamcall("SEAMCALL." + (rax & 0xffff), rax, leaf, new Arguments(words, 2));
  }

  private void tdcallByNumber(List<String> words) throws IOException, ScriptException {
    long rax = value(word(words, 1, "a number"));
    tdcall("TDCALL." + (rax & 0xffff), rax, new Arguments(words, 2));
  }

  private void seamcall(String what, long rax, @Nullable SeamcallLeaf leaf, Arguments a)
      throws IOException, ScriptException {
    boolean tdInRcx = leaf != null && TD_IN_RCX.contains(leaf.name());
    registers(a, tdInRcx);
    regs.processor = (int) a.number("cpu", 0);
    long version = a.number("v", 0);
    a.finish();
    long status = world().module().seamcall(rax | version << 16, regs);
    print(what, status);
  }

  private void tdcall(String what, long rax, Arguments a) throws IOException, ScriptException {
    long vcpu = a.required("vcpu");
    registers(a, false);
    a.finish();
    regs.rax = 0;
    GuestOutcome outcome = world().module().tdcall(vcpu, rax, regs);
    printOutcome(what, outcome);
  }

  private void access(List<String> words) throws IOException, ScriptException {
    String kind = word(words, 1, "read, write or execute");
    Arguments a = new Arguments(words, 2);
    long vcpu = a.required("vcpu");
    long gpa = a.required("gpa");
    regs.clear();
    remember();
    regs.rax = a.number("value", 0);
    a.finish();
    AccessKind accessKind =
        switch (kind) {
          case "read" -> AccessKind.READ;
          case "write" -> AccessKind.WRITE;
          case "execute" -> AccessKind.EXECUTE;
          default -> throw fail("access '" + kind + "'; known: read, write, execute");
        };
    GuestOutcome outcome = world().module().access(vcpu, gpa, accessKind, regs);
    if (outcome == GuestOutcome.DONE) {
      out.append(String.format("%d access.%s DONE value=0x%X%n", line, kind, regs.rax));
    } else {
      printOutcome("access." + kind, outcome);
    }
  }

  private void kick(Arguments a) throws IOException, ScriptException {
    long vcpu = a.required("vcpu");
    a.finish();
    regs.clear();
    remember();
    boolean wasInside = world().module().tdExit(vcpu, ExitReason.EXTERNAL_INTERRUPT, regs);
    printOutcome("kick", wasInside ? GuestOutcome.TD_EXIT : GuestOutcome.NOT_INSIDE);
  }

  private void mapGpa(Arguments a) throws IOException, ScriptException {
    TdControl td = world().module().td(a.required("td"));
    long start = a.required("r12");
    long bytes = a.required("r13");
    boolean served = a.flag("exits", true);
    long chunks = a.number("interrupt-after", Long.MAX_VALUE);
    a.finish();
    MapGpa.Answer answer =
        served
            ? MapGpa.serve(td.sharedBit(), start, bytes, interruptedAfter(chunks))
            : new MapGpa.Answer(MapGpa.Status.SUBFUNC_UNSUPPORTED, start, 0);
    out.append(
        String.format(
            "%d map-gpa %s R10=0x%016X R11=0x%016X chunks=%d%n",
            line, answer.status(), answer.status().value(), answer.next(), answer.chunks()));
  }

  /** User space that converts every chunk, and an interrupt that waits after some. */
  private static MapGpa.Host interruptedAfter(long most) {
    return new MapGpa.Host() {
      @Override
      public MapGpa.Status convert(long start, long bytes) {
        return MapGpa.Status.SUCCESS;
      }

      @Override
      public boolean isInterrupted(long chunks) {
        return chunks >= most;
      }
    };
  }

  private void vmcallAnswer(Arguments a) throws IOException, ScriptException {
    long vcpu = a.required("vcpu");
    a.finish();
    boolean answered = world().module().vmcallAnswer(vcpu, regs);
    out.append(
        answered
            ? String.format("%d vmcall-answer R10=0x%016X R11=0x%016X%n", line, regs.r10, regs.r11)
            : String.format("%d vmcall-answer NONE%n", line));
  }

  private void host(List<String> words) throws IOException, ScriptException {
    String kind = word(words, 1, "read or write");
    Arguments a = new Arguments(words, 2);
    long hpa = a.required("hpa");
    if (kind.equals("write")) {
      world().module().hostWrite(hpa, a.required("value"));
    } else if (kind.equals("read")) {
      long value = world().module().hostRead(hpa);
      out.append(String.format("%d host.read value=0x%X%n", line, value));
    } else {
      throw fail("host '" + kind + "'; known: read, write");
    }
    a.finish();
  }

  private void entry(Arguments a) throws IOException, ScriptException {
    long td = a.required("td");
    long gpa = a.required("gpa");
    int level = (int) a.number("level", 0);
    a.finish();
    SeptWalk walk = new SeptWalk();
    long entry = world().module().septEntry(td, gpa, level, walk);
    out.append(
        String.format(
            "%d entry level=%d %s 0x%016X%n",
            line, walk.level, SeptEntry.state(entry).name(), entry));
  }

  private void teardown(Arguments a) throws IOException, ScriptException {
    long td = a.required("td");
    a.finish();
    world().teardown(td);
    out.append(String.format("%d teardown DONE%n", line));
  }

  private void audit() throws IOException {
    world().module().audit();
    out.append(String.format("%d audit DONE%n", line));
  }

  private void registers(Arguments a, boolean tdInRcx) throws ScriptException {
    regs.clear();
    Long gpa = a.optional("gpa");
    Long level = a.optional("level");
    if (gpa != null || level != null) {
      regs.rcx = (gpa == null ? 0 : gpa) | (level == null ? 0 : level);
    }
    Long td = a.optional("td");
    if (td != null && tdInRcx) {
      regs.rcx = td;
    } else if (td != null) {
      regs.rdx = td;
    }
    regs.r8 = a.number("hpa", 0);
    regs.rcx = a.number("rcx", regs.rcx);
    regs.rdx = a.number("rdx", regs.rdx);
    for (int i = 8; i < 16; i++) {
      regs.set(i, a.number("r" + i, regs.get(i)));
    }
    remember();
  }

  /** Notes R9 to R15 as given, so that the output shows what the call changed. */
  private void remember() {
    for (int i = 9; i < 16; i++) {
      given[i] = regs.get(i);
    }
  }

  private void printOutcome(String what, GuestOutcome outcome) throws IOException {
    switch (outcome) {
      case DONE -> print(what, regs.rax);
      case TD_EXIT, TD_DEAD -> {
        TdxStatus status = TdxStatus.of(regs.rax);
        String name = status == null ? "?" : status.name();
        printLine(what + "(exit " + (regs.rax & 0xffff) + ")", name, regs.rax);
      }
      default -> out.append(String.format("%d %s %s%n", line, what, outcome));
    }
  }

  private void print(String what, long status) throws IOException {
    TdxStatus named = TdxStatus.of(status);
    printLine(what, named == null ? "?" : named.name(), status);
  }

  private void printLine(String what, String name, long rax) throws IOException {
    out.append(
        String.format(
            "%d %s %s 0x%016X RCX=0x%016X RDX=0x%016X R8=0x%016X",
            line, what, name, rax, regs.rcx, regs.rdx, regs.r8));
    for (int i = 9; i < 16; i++) {
      if (regs.get(i) != given[i]) {
        out.append(String.format(" R%d=0x%016X", i, regs.get(i)));
      }
    }
    out.append(System.lineSeparator());
  }

  // Words.

  private ScriptException unknownLeaf(String name) {
    return fail(
        "unknown statement or leaf '" + name + "'; leaves are spelled as in TDH.MEM.PAGE.AUG");
  }

  private String word(List<String> words, int position, String expected) throws ScriptException {
    if (position >= words.size()) {
      throw fail("'" + words.get(0) + "' needs " + expected);
    }
    return words.get(position);
  }

  private long value(String text) throws ScriptException {
    long sum = 0;
    int start = 0;
    char operator = '+';
    for (int i = 0; i <= text.length(); i++) {
      boolean end = i == text.length();
      if (end || text.charAt(i) == '+' || text.charAt(i) == '|') {
        long term = term(text.substring(start, i), text);
        sum = operator == '+' ? sum + term : sum | term;
        operator = end ? '+' : text.charAt(i);
        start = i + 1;
      }
    }
    return sum;
  }

  private long term(String text, String whole) throws ScriptException {
    if (text.equals("$new")) {
      return world().frame();
    }
    if (text.startsWith("$")) {
      Long value = values.get(text.substring(1));
      if (value == null) {
        throw fail("unknown value " + text + "; known: " + known(values.keySet()));
      }
      return value;
    }
    String digits = text.replace("_", "").toLowerCase(Locale.ROOT);
    boolean hex = digits.startsWith("0x");
    int shift = 0;
    if (!digits.isEmpty()) {
      int unit = "kmgt".indexOf(digits.charAt(digits.length() - 1));
      if (unit >= 0) {
        shift = 10 * (unit + 1);
        digits = digits.substring(0, digits.length() - 1);
      }
    }
    try {
      long number = hex ? Long.parseUnsignedLong(digits.substring(2), 16) : Long.parseLong(digits);
      return number << shift;
    } catch (NumberFormatException e) {
      throw fail("'" + whole + "' is no number; numbers look like 12, 0x1f, 2m, $name, 4m|1");
    }
  }

  private static String known(Set<String> names) {
    return names.isEmpty() ? "none" : String.join(", ", names.stream().sorted().toList());
  }

  /** The name=value words of a statement; each must be asked for once. */
  private final class Arguments {
    private final Map<String, String> given = new HashMap<>();

    Arguments(List<String> words, int from) throws ScriptException {
      for (String word : words.subList(from, words.size())) {
        int equals = word.indexOf('=');
        if (equals <= 0) {
          throw fail("'" + word + "' is not of the form name=value");
        }
        String name = word.substring(0, equals).toLowerCase(Locale.ROOT);
        if (given.put(name, word.substring(equals + 1)) != null) {
          throw fail("'" + name + "' is given twice");
        }
      }
    }

    long required(String name) throws ScriptException {
      Long value = optional(name);
      if (value == null) {
        throw fail("'" + name + "=' is missing");
      }
      return value;
    }

    @Nullable Long optional(String name) throws ScriptException {
      String text = given.remove(name);
      return text == null ? null : value(text);
    }

    long number(String name, long otherwise) throws ScriptException {
      Long value = optional(name);
      return value == null ? otherwise : value;
    }

    boolean flag(String name, boolean otherwise) throws ScriptException {
      String text = given.remove(name);
      if (text == null) {
        return otherwise;
      }
      return switch (text) {
        case "on" -> true;
        case "off" -> false;
        default -> throw fail(name + "=" + text + "; known: on, off");
      };
    }

    String text(String name, String otherwise) {
      String text = given.remove(name);
      return text == null ? otherwise : text;
    }

    void finish() throws ScriptException {
      if (!given.isEmpty()) {
        throw fail("unknown: " + known(given.keySet()) + "; the help lists what is known");
      }
    }
  }
}
