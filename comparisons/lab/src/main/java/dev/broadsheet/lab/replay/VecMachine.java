package dev.broadsheet.lab.replay;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.StrategyTrait;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.memslot.SlotLpageInfo;
import dev.broadsheet.core.memslot.SlotTable;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.EffectiveLevel;
import dev.broadsheet.core.strategy.StandaloneContext;
import dev.broadsheet.core.strategy.StartupFill;
import dev.broadsheet.core.vm.attributes.AttributesAnswer;
import dev.broadsheet.core.vm.attributes.SetMemoryAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Memslots, a tracker and the flow of conversions, without page tables: runs vector scripts and
 * gives the answers of their format. All that is said of attributes comes from the tracker.
 */
final class VecMachine implements AutoCloseable {
  private static final int PAGE_SHIFT = 12;
  private static final PageLevel[] HUGE = {PageLevel.PG_LEVEL_2M, PageLevel.PG_LEVEL_1G};
  private static final String NODES = "nodes";
  private static final String PEAK_NODES = "peak.nodes";
  private static final String NOT_KNOWN = "-";
  private static final long NODE_BYTES = 576;

  private final Rcu rcu = new Rcu();
  private final PlainMemory memory = new PlainMemory(rcu);
  private final Memslots slots;
  private final PageAttributeTracker tracker;
  private final StartupFill attributes;
  private final SetMemoryAttributes flow;
  private final PortMmu mmu = new PortMmu();
  private final int initial;
  private final ReachShadow shadow;
  private boolean conversionCompared = true;
  private long sets;
  private long changed;
  private long highWater;

  VecMachine(
      ConfiguredStrategy strategy, Function<String, ConfiguredStrategy> strategies, int initial) {
    this.initial = initial;
    Geometry geometry = Geometry.standard();
    this.slots = new Memslots(geometry, /* privateMemory= */ true);
    StandaloneContext context =
        StandaloneContext.of(memory, rcu, slots, initial, strategies, strategy);
    this.tracker = strategy.strategy().create(context);
    boolean inTables =
        strategy.strategy().description().traits().contains(StrategyTrait.NEEDS_PAGE_TABLES);
    this.shadow = new ReachShadow(tracker, inTables ? context.pageTables() : Optional.empty());
    this.attributes = new StartupFill(tracker, initial);
    this.flow =
        new SetMemoryAttributes(
            tracker, slots, memory.lock("slots_lock"), mmu, PageAttributes.PRIVATE);
  }

  /** Returns whether absence in the tracker's structure means the script's initial attributes. */
  boolean keepsInitialAbsent() {
    return !attributes.isNeeded();
  }

  /** Returns which gfns are not as the script says; empty unless the strategy cannot reach all. */
  ReachShadow shadow() {
    return shadow;
  }

  /**
   * Returns whether all answers of the last conversion can be compared, and not only its error.
   * They cannot if it was out of reach or met gfns that are out of step.
   */
  boolean isConversionCompared() {
    return conversionCompared;
  }

  /** Runs one operation and returns its answers. */
  List<Answer> run(Words operation) throws ScriptFormatException {
    conversionCompared = true;
    List<Answer> answers =
        switch (operation.word(0)) {
          case "slot" -> addSlot(operation);
          case "unslot" -> removeSlot(operation);
          case "set" -> set(operation);
          case "ioctl" -> ioctl(operation);
          case "query" -> query(operation.number(1, GfnRange.GFN_LIMIT - 1));
          case "track" -> track(operation, /* add= */ true);
          case "untrack" -> track(operation, /* add= */ false);
          case "check" -> check();
          case "dump" -> dump();
          case "stats" -> stats();
          default -> throw new IllegalStateException("not an operation: " + operation.text());
        };
    rcu.quiescent();
    return answers;
  }

  private List<Answer> addSlot(Words operation) throws ScriptFormatException {
    int id = (int) operation.number(1, Memslots.USER_SLOTS - 1L);
    long base = operation.number(2, GfnRange.GFN_LIMIT - 1);
    long pages = operation.number(3, GfnRange.GFN_LIMIT - base);
    long user = operation.count() == 5 ? operation.number(4, GfnRange.GFN_LIMIT - 1) : base;
    if (pages == 0) {
      throw operation.wrong("a slot of no pages", "one page or more");
    }
    KvmMemslot slot;
    try {
      slot = new KvmMemslot(memory, new Memslot(id, GfnRange.ofPages(base, pages), user), 0);
    } catch (KernelOutOfMemoryException e) {
      throw operation.wrong("a slot too large: " + e.getMessage(), "fewer pages");
    }
    try {
      slots.insert(slot);
    } catch (IllegalArgumentException e) {
      slot.free();
      throw operation.wrong(String.valueOf(e.getMessage()), "a slot that stands alone");
    }
    tracker.memslotAdded(slot.slot());
    attributes.fill(slot.range());
    Answer answer = Answer.of("lpages");
    for (PageLevel level : HUGE) {
      SlotLpageInfo info = slot.lpageInfo();
      answer
          .label(level.label())
          .add(AnswerKind.WORDS, info.length(level))
          .add(AnswerKind.WORDS, count(info, level, -1L));
    }
    return List.of(answer);
  }

  /** Returns how many words of a level have one of the bits set. */
  private static long count(SlotLpageInfo info, PageLevel level, long bits) {
    long found = 0;
    for (long i = 0; i < info.length(level); i++) {
      found += (info.wordAt(level, i) & bits) != 0 ? 1 : 0;
    }
    return found;
  }

  private List<Answer> removeSlot(Words operation) throws ScriptFormatException {
    KvmMemslot slot = slots.byId((int) operation.number(1, Memslots.USER_SLOTS - 1L));
    if (slot == null) {
      throw operation.wrong("no slot " + operation.word(1), "the number of a slot that exists");
    }
    tracker.memslotRemoved(slot.slot());
    slots.remove(slot);
    rcu.quiescent();
    slot.free();
    return List.of(new Answer().add(AnswerKind.WORDS, "ok"));
  }

  private List<Answer> set(Words operation) throws ScriptFormatException {
    long start = operation.number(1);
    long end = operation.number(2);
    boolean fits = Long.compareUnsigned(end, GfnRange.GFN_LIMIT) <= 0;
    boolean empty = Long.compareUnsigned(start, end) >= 0;
    long bits =
        operation.word(3).equals("private") ? PageAttributes.PRIVATE : PageAttributes.SHARED;
    long size = fits && !empty ? (end - start) << PAGE_SHIFT : 0;
    return convert(start << PAGE_SHIFT, size, bits, 0);
  }

  private List<Answer> ioctl(Words operation) throws ScriptFormatException {
    return convert(
        operation.number(1), operation.number(2), operation.number(3), operation.number(4));
  }

  private List<Answer> convert(long address, long size, long bits, long flags) {
    mmu.begin();
    sets++;
    boolean sound = ReachShadow.isSound(address, size, bits, flags);
    if (sound && attributes.isNeeded()) {
      attributes.fill(ReachShadow.pages(address, size));
    }
    boolean refused = sound && shadow.isOutOfReach(ReachShadow.pages(address, size), (int) bits);
    AttributesAnswer answer = flow.ioctl(address, size, bits, flags);
    if (refused || answer.isSuccess()) {
      GfnRange pages = ReachShadow.pages(address, size);
      conversionCompared = !refused && !shadow.intersects(pages);
      shadow.follow(pages, (int) bits, refused);
    }
    if (answer.isChanged()) {
      changed++;
    }
    rcu.quiescent();
    List<Answer> answers = new ArrayList<>();
    answers.add(memoryAnswer(answer, refused));
    answers.add(mmu.invalidated());
    answers.addAll(mmu.unmapped());
    return answers;
  }

  private Answer memoryAnswer(AttributesAnswer answer, boolean refused) {
    Answer line =
        Answer.of("rc")
            .add(refused ? AnswerKind.OUT_OF_REACH : AnswerKind.RC, -answer.errno())
            .label("changed")
            .add(
                conversionCompared ? AnswerKind.CHANGED : AnswerKind.OUT_OF_REACH,
                answer.isChanged() ? 1 : 0);
    Long nodes = tracker.gauges().get(NODES);
    Long peak = answer.isChanged() ? tracker.gauges().get(PEAK_NODES) : nodes;
    highWater = Math.max(highWater, peak == null ? 0 : peak);
    return line.label("nodes")
        .add(AnswerKind.NODES, known(nodes))
        .label("bytes")
        .add(AnswerKind.NODES, nodes == null ? NOT_KNOWN : Long.toString(nodes * NODE_BYTES))
        .label("peak")
        .add(AnswerKind.PEAK, known(peak));
  }

  private static String known(@Nullable Long figure) {
    return figure == null ? NOT_KNOWN : Long.toString(figure);
  }

  private List<Answer> query(long gfn) {
    KvmMemslot slot = slots.find(gfn);
    int state = attributes.attributes(gfn);
    Answer answer =
        new Answer()
            .add(inStep(AnswerKind.STATE, shadow.contains(gfn)), PageAttributes.format(state))
            .label("slot")
            .add(AnswerKind.WORDS, slot == null ? "none" : Integer.toString(slot.id()));
    for (PageLevel level : HUGE) {
      answer.label(level.label());
      if (slot == null) {
        answer.add(AnswerKind.WORDS, NOT_KNOWN).add(AnswerKind.WORDS, NOT_KNOWN);
      } else {
        long word = slot.lpageInfo().word(gfn, level);
        answer
            .add(AnswerKind.WORDS, (word & SlotLpageInfo.MIXED) != 0 ? "m" : "u")
            .add(AnswerKind.WORDS, word & ~SlotLpageInfo.MIXED);
      }
      GfnRange block = level.block(gfn);
      boolean uniform =
          attributes.firstDifference(block.start(), block.end(), state) == block.end();
      answer.add(inStep(AnswerKind.ACTUAL, shadow.intersects(block)), uniform ? "u" : "m");
    }
    boolean unsure = shadow.intersects(PageLevel.PG_LEVEL_1G.block(gfn));
    String max =
        slot == null
            ? "none"
            : EffectiveLevel.of(slot, tracker, gfn, PageLevel.PG_LEVEL_1G).label();
    return List.of(answer.label("max").add(inStep(AnswerKind.MAX, unsure), max));
  }

  private static AnswerKind inStep(AnswerKind kind, boolean outOfStep) {
    return outOfStep ? AnswerKind.OUT_OF_REACH : kind;
  }

  private List<Answer> track(Words operation, boolean add) throws ScriptFormatException {
    long gfn = operation.number(1, GfnRange.GFN_LIMIT - 1);
    KvmMemslot slot = slots.find(gfn);
    if (slot == null) {
      throw operation.wrong("no slot at " + operation.word(1), "a gfn inside a slot");
    }
    try {
      if (add) {
        slot.lpageInfo().track(gfn);
      } else {
        slot.lpageInfo().untrack(gfn);
      }
    } catch (IllegalStateException e) {
      throw operation.wrong(String.valueOf(e.getMessage()), "a page that is tracked");
    }
    return List.of(new Answer().add(AnswerKind.WORDS, "ok"));
  }

  private List<Answer> check() {
    tracker.audit();
    AttributeDigest digest = AttributeDigest.of(attributes, initial);
    Fnv64 words = new Fnv64();
    AnswerKind attr = inStep(AnswerKind.ATTR, !shadow.isEmpty());
    long mixed2m = 0;
    long mixed1g = 0;
    SlotTable table = slots.table();
    for (int i = 0; i < table.size(); i++) {
      SlotLpageInfo info = table.at(i).lpageInfo();
      for (PageLevel level : HUGE) {
        for (long index = 0; index < info.length(level); index++) {
          words.add(info.wordAt(level, index), Integer.BYTES);
        }
      }
      mixed2m += count(info, PageLevel.PG_LEVEL_2M, SlotLpageInfo.MIXED);
      mixed1g += count(info, PageLevel.PG_LEVEL_1G, SlotLpageInfo.MIXED);
    }
    return List.of(
        Answer.of("digest")
            .label("attr")
            .add(attr, digest.hash())
            .label("runs")
            .add(attr, digest.runs().size())
            .label("pages")
            .add(attr, digest.pages())
            .label("lpage")
            .add(AnswerKind.WORDS, words.hex())
            .label("mixed2m")
            .add(AnswerKind.WORDS, mixed2m)
            .label("mixed1g")
            .add(AnswerKind.WORDS, mixed1g));
  }

  private List<Answer> dump() {
    List<Answer> answers = new ArrayList<>();
    Answer attr = Answer.of("attr");
    for (GfnRange run : AttributeDigest.of(attributes, initial).runs()) {
      attr.add(AnswerKind.ATTR, run.start() + "-" + run.end());
    }
    answers.add(attr);
    SlotTable table = slots.table();
    for (int i = 0; i < table.size(); i++) {
      for (PageLevel level : HUGE) {
        answers.add(words(table.at(i), level));
      }
    }
    return answers;
  }

  private static Answer words(KvmMemslot slot, PageLevel level) {
    Answer answer = Answer.of("lpage").add(AnswerKind.WORDS, slot.id()).label(level.label());
    SlotLpageInfo info = slot.lpageInfo();
    long from = 0;
    while (from < info.length(level)) {
      long word = info.wordAt(level, from);
      long to = from + 1;
      while (to < info.length(level) && info.wordAt(level, to) == word) {
        to++;
      }
      answer.add(AnswerKind.WORDS, Long.toHexString(word) + "x" + (to - from));
      from = to;
    }
    return answer;
  }

  private List<Answer> stats() {
    Long nodes = tracker.gauges().get(NODES);
    boolean anything =
        attributes.firstDifference(0, GfnRange.GFN_LIMIT, initial) < GfnRange.GFN_LIMIT;
    int head = nodes != null && nodes > 0 ? 2 : anything ? 1 : 0;
    return List.of(
        Answer.of("stats")
            .label("sets")
            .add(AnswerKind.WORDS, sets)
            .label("changed")
            .add(AnswerKind.WORDS, changed)
            .label("nodes")
            .add(AnswerKind.NODES, known(nodes))
            .label("hwm")
            .add(AnswerKind.PEAK, nodes == null ? NOT_KNOWN : Long.toString(highWater))
            .label("reserved")
            .add(
                AnswerKind.PEAK,
                known(tracker.gauges().getOrDefault("reserved", nodes == null ? null : 0L)))
            .label("head")
            .add(AnswerKind.PEAK, nodes == null ? NOT_KNOWN : Integer.toString(head)));
  }

  @Override
  public void close() {
    tracker.audit();
    SlotTable table = slots.table();
    for (int i = 0; i < table.size(); i++) {
      tracker.memslotRemoved(table.at(i).slot());
      slots.remove(table.at(i));
      table.at(i).free();
    }
    tracker.close();
    rcu.quiescent();
  }
}
