package dev.broadsheet.lab.cost;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The constants that turn counts into times. Times are sums of counts times constants: nothing
 * overlaps, nothing waits. Immutable.
 *
 * <p>No table of cycles per SEAMCALL was ever published. What is known are sums: a private 4 KiB
 * fault with its exit, AUG, re-entry and accept; the removal of a page from a running TD, which
 * grows with the vCPUs that are kicked. The values of the calls are shares of those sums.
 */
public final class CostModel {
  /** A reference that hits the first level. */
  public static final String L1 = "l1";

  /** A reference that misses the first level and hits the second. */
  public static final String L2 = "l2";

  /** A reference that hits the third level. */
  public static final String L3 = "l3";

  /** A reference that misses all levels. */
  public static final String MEMORY = "memory";

  /** A compare-and-set or addition. */
  public static final String ATOMIC = "atomic";

  /** Taking and releasing a lock that nobody holds. */
  public static final String LOCK = "lock";

  /** Allocating an object. */
  public static final String ALLOCATION = "alloc";

  /** Zeroing a page of kernel memory. */
  public static final String PAGE = "page";

  /** Leaving and entering the guest. */
  public static final String EXIT = "exit";

  /** Going to user space and back. */
  public static final String USER = "user";

  /** Forcing all vCPUs out. */
  public static final String KICK = "kick";

  /** Flushing the TLBs of all vCPUs of an ordinary machine. */
  public static final String FLUSH = "flush";

  /** A SEAMCALL that has no constant of its own. */
  public static final String SEAMCALL = "seamcall";

  private static final String SWITCH = "estimate: world switch of about 1 us, no figure published";
  private static final String LATENCY = "estimate: load-to-use latencies of current server cores";
  private static final String REMOVAL =
      "share of 10 us for BLOCK, TRACK, kick, REMOVE, WBINVD of a page at 4 vCPUs, derived from"
          + " Adrian Hunter, KVM_TDX_TERMINATE_VM v4, June 2025";
  private static final String POPULATE =
      "share of about 8 us for a private 4K fault with exit, AUG, re-entry, accept: dstack PR 1220,"
          + " Granite Rapids, kernel 7.0";

  private static final CostModel DEFAULTS =
      new CostModel(
          index(
              of(L1, "reference that hits L1", 1.5, 1, 2, LATENCY),
              of(L2, "reference that misses L1 and hits L2", 5, 4, 7, LATENCY),
              of(L3, "reference that misses L2 and hits L3", 30, 15, 70, LATENCY),
              of(MEMORY, "reference that misses every level", 110, 80, 200, LATENCY),
              of(
                  ATOMIC,
                  "compare-and-set or addition, beside its reference",
                  6,
                  4,
                  25,
                  "estimate: about 20 cycles for a locked instruction, nobody else using the line"),
              of(LOCK, "lock taken and released, uncontended", 20, 15, 60, "estimate"),
              of(ALLOCATION, "object or array allocated", 60, 30, 250, "estimate: slab fast path"),
              of(PAGE, "4 KiB of it zeroed", 100, 40, 400, "estimate: 10 to 100 GB/s"),
              of(
                  EXIT,
                  "exit of the guest and entry again",
                  2_500,
                  1_200,
                  4_000,
                  "1.2 to 1.6 us for a plain VM on AMD (TUM CVM_eval); TD: 2 to 4 us, estimate"),
              of(
                  USER,
                  "exit to user space and the ioctl that answers it",
                  2_000,
                  1_000,
                  6_000,
                  "estimate"),
              of(
                  KICK,
                  "all vCPUs forced out, and their answers awaited",
                  6_000,
                  3_000,
                  43_000,
                  REMOVAL + "; 13 us at 32 vCPUs, 48 us at 64"),
              of(
                  FLUSH,
                  "TLBs of all vCPUs flushed",
                  4_000,
                  1_000,
                  20_000,
                  "estimate: one IPI round"),
              of(SEAMCALL, "SEAMCALL without a constant of its own", 1_000, 500, 2_000, SWITCH),
              of(
                  "tdh.mem.page.add",
                  "page copied in",
                  2_500,
                  1_500,
                  5_000,
                  SWITCH + ", 4 KiB copy"),
              of("tdh.mr.extend", "256 bytes measured", 1_200, 600, 2_500, SWITCH + ", SHA-384"),
              of("tdh.mem.page.aug", "page mapped", 1_500, 700, 3_000, POPULATE),
              of("tdh.mem.sept.add", "table added", 1_800, 800, 3_500, SWITCH + ", 4 KiB filled"),
              of("tdh.mem.range.block", "entry blocked", 1_000, 500, 2_000, REMOVAL),
              of("tdh.mem.track", "epoch moved on", 1_000, 500, 2_000, REMOVAL),
              of("tdh.mem.page.remove", "page taken away", 1_000, 500, 2_500, REMOVAL),
              of("tdh.phymem.page.wbinvd", "page written back", 1_000, 300, 2_000, REMOVAL),
              of(
                  "tdh.mem.page.demote",
                  "leaf split",
                  3_000,
                  1_500,
                  20_000,
                  "estimate: 512 entries written; called reasonable enough to run without interrupt"
                      + " checks (Yan Zhao), no figure published"),
              of(
                  "tdh.mem.page.promote",
                  "table merged",
                  4_000,
                  1_500,
                  20_000,
                  "estimate: 512 entries checked, no figure published"),
              of("tdh.mem.range.unblock", "entry unblocked", 1_000, 500, 2_000, SWITCH),
              of("tdh.mem.sept.remove", "table removed", 1_200, 600, 3_000, SWITCH)));

  private final ImmutableMap<String, CostConstant> constants;

  private CostModel(ImmutableMap<String, CostConstant> constants) {
    this.constants = constants;
  }

  private static CostConstant of(
      String key, String what, double nanos, double low, double high, String origin) {
    return new CostConstant(key, what, nanos, low, high, origin);
  }

  private static ImmutableMap<String, CostConstant> index(CostConstant... constants) {
    ImmutableMap.Builder<String, CostConstant> byKey = ImmutableMap.builder();
    for (CostConstant constant : constants) {
      byKey.put(constant.key(), constant);
    }
    return byKey.buildOrThrow();
  }

  /** Returns the constants as they are known. */
  public static CostModel defaults() {
    return DEFAULTS;
  }

  /**
   * Returns the model with values of the user's.
   *
   * @param assignments {@code key=nanoseconds,...}; may be empty
   * @throws IllegalArgumentException if a key is unknown or given twice, or a value is no number
   *     from 0 to 1e9
   */
  public CostModel with(String assignments) {
    if (assignments.isBlank()) {
      return this;
    }
    Map<String, CostConstant> changed = new LinkedHashMap<>(constants);
    Map<String, String> given = new LinkedHashMap<>();
    for (String assignment : assignments.split(",", -1)) {
      int equals = assignment.indexOf('=');
      String key = (equals < 0 ? assignment : assignment.substring(0, equals)).strip();
      CostConstant constant = constants.get(key.toLowerCase(Locale.ROOT));
      if (constant == null) {
        throw new IllegalArgumentException(
            "Unknown cost '%s' in --cost. Known: %s."
                .formatted(key, String.join(", ", constants.keySet())));
      }
      String value = equals < 0 ? "" : assignment.substring(equals + 1).strip();
      if (given.put(constant.key(), value) != null) {
        throw new IllegalArgumentException(
            "Cost '%s' is given twice in --cost; give it once.".formatted(constant.key()));
      }
      changed.put(constant.key(), constant.given(nanos(constant.key(), value)));
    }
    return new CostModel(ImmutableMap.copyOf(changed));
  }

  private static double nanos(String key, String value) {
    double nanos = value.matches("[0-9]{1,10}([.][0-9]{1,6})?") ? Double.parseDouble(value) : -1;
    if (nanos < 0 || nanos > 1e9) {
      throw new IllegalArgumentException(
          "Cost '%s=%s' in --cost is no number of nanoseconds from 0 to 1000000000; write %s=1500."
              .formatted(key, value, key));
    }
    return nanos;
  }

  /** Returns the constants, in the order of reports. */
  public Collection<CostConstant> constants() {
    return constants.values();
  }

  /** Returns the keys, in the order of reports. */
  public ImmutableSet<String> keys() {
    return constants.keySet();
  }

  /** Returns the key of the constant for a SEAMCALL, which is {@link #SEAMCALL} for most. */
  public String seamcallKey(String leafName) {
    String key = leafName.toLowerCase(Locale.ROOT);
    return constants.containsKey(key) ? key : SEAMCALL;
  }

  /**
   * Returns the time of one kind of thing.
   *
   * @throws IllegalArgumentException if the key is unknown
   */
  public ModelledTime time(String key, long count) {
    CostConstant constant = constants.get(key);
    if (constant == null) {
      throw new IllegalArgumentException("no cost '%s'".formatted(key));
    }
    return new ModelledTime(
        count * constant.nanos(), count * constant.low(), count * constant.high());
  }

  /** Returns the time of all that was counted, one thing after the other. */
  public ModelledTime time(Map<String, Long> counts) {
    ModelledTime sum = ModelledTime.ZERO;
    for (Map.Entry<String, Long> count : counts.entrySet()) {
      sum = sum.plus(time(count.getKey(), count.getValue()));
    }
    return sum;
  }
}
