package dev.broadsheet.core.vm;

import dev.broadsheet.api.StrategySpec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a machine is like: every policy and size as a knob with a value. Immutable.
 *
 * <p>Policies are knobs of the machine and not of strategies, so that no report credits a structure
 * for a policy. Printed with the knobs that differ from their defaults.
 */
public final class VmSpec {
  private static final List<VmKnob> KNOBS =
      List.of(
          VmKnob.choice(
              "kind",
              "what the machine is: a TD with two trees, a software-protected machine with one tree"
                  + " for both kinds, or a plain one without private memory",
              "Linux 6.16 KVM_X86_TDX_VM; 6.8 KVM_X86_SW_PROTECTED_VM",
              "tdx",
              "swprot",
              "plain"),
          VmKnob.choice(
              "attributes",
              "what a page is that nobody converted; auto: private in a TD, else shared",
              "Linux: shared; QEMU sets all RAM of a TD private at start",
              "auto",
              "private",
              "shared"),
          VmKnob.choice(
              "split",
              "a private leaf that crosses the edge of a conversion is demoted before it"
                  + " (conversion), or goes whole and is faulted in small later (fault)",
              "HP v2/v3 and DPAMT+HP v5: before; LP 2022: fault",
              "conversion",
              "fault"),
          VmKnob.choice(
              "merge",
              "a private block that became uniform stays small (never), is promoted by the next fault"
                  + " in it (fault), or by the conversion (promote)",
              "HP v3: never; LP 2022 sketched all three",
              "never",
              "fault",
              "promote"),
          VmKnob.choice(
              "inhibit",
              "a guest's accept at a smaller size forbids huge pages in the block for good",
              "HP v1 to v3: one-way",
              "one-way",
              "none"),
          VmKnob.choice(
              "accept-level",
              "at which size the host lets the guest accept: as it asks, or 4K only",
              "Linux 6.16: 4k; HP v3: guest",
              "guest",
              "4k"),
          VmKnob.choice(
              "reclaim",
              "a direct table that lost its parent entry is taken down at once, or by a worker after"
                  + " a grace period",
              "Linux 6.12: recursive; thread of 2024: rcu",
              "recursive",
              "rcu"),
          VmKnob.choice(
              "external",
              "a mirror entry is frozen before the SEAMCALL, or the SEAMCALL comes before the"
                  + " compare-and-set",
              "Linux 6.14: freeze-first; thread of 2024: hook-first",
              "freeze-first",
              "hook-first"),
          VmKnob.choice(
              "invalidation",
              "faults retry inside one range that covers all open invalidations, or inside each",
              "Linux: union",
              "union",
              "per-range"),
          VmKnob.choice(
              "folio",
              "largest folio of the guest_memfd",
              "Linux 6.12: 4k; guest_memfd huge page series: 2m, 1g",
              "2m",
              "4k",
              "1g"),
          VmKnob.choice(
              "shared-backing",
              "user-space memory behind shared pages: transparent huge pages, 4K pages, hugetlb of 2M"
                  + " or 1G",
              "QEMU memory backends",
              "thp",
              "4k",
              "h2m",
              "h1g"),
          VmKnob.choice(
              "populate",
              "whether user space has written its memory before the guest runs",
              "QEMU prealloc",
              "off",
              "on"),
          VmKnob.number(
              "fragmentation",
              "share of the host's 2M blocks that are no longer whole",
              "ours",
              "0",
              0,
              1),
          VmKnob.number("seed", "decides which host blocks are fragmented", "ours", "1", 0, 1e9),
          VmKnob.number("host-gib", "host memory in GiB", "ours", "2048", 1, 16383),
          VmKnob.choice(
              "dynamic-pamt",
              "4K entries of the PAMT live in page pairs that come and go",
              "DPAMT+HP v5, TDX_FEATURES0 bit 36",
              "off",
              "on"),
          VmKnob.choice(
              "format",
              "hardware format of the entries; auto: NPT for swprot, else EPT",
              "Intel SDM; AMD APM",
              "auto",
              "ept",
              "npt"),
          VmKnob.choice("levels", "depth of the trees", "Intel SDM, PWL", "4", "5"),
          VmKnob.number(
              "phys-bits",
              "the host's physical address width: no memslot ends above it, nor above what the"
                  + " tables reach",
              "CPUID 0x80000008",
              "52",
              36,
              52),
          VmKnob.choice(
              "gpaw",
              "guest address width, which sets the shared bit to 47 or 51",
              "TDX",
              "48",
              "52"),
          VmKnob.choice(
              "max-level",
              "largest page that the machine maps; private pages of a TD stay at 2M",
              "Linux: 1g; HP v3: TDX 2m",
              "1g",
              "2m",
              "4k"),
          VmKnob.choice(
              "nx-huge-pages",
              "no huge page is executable; a fetch maps 4K",
              "Linux 5.4, iTLB multihit",
              "off",
              "on"),
          VmKnob.choice(
              "eager-split",
              "dirty logging splits all huge leaves when it is switched on",
              "Linux 5.18, kvm.eager_page_split",
              "on",
              "off"),
          VmKnob.choice(
              "dirty-log",
              "a logged page is noticed by a fault on its first write, or by hardware that logs"
                  + " where it sets the dirty bit",
              "Linux; Intel page modification logging",
              "write-protect",
              "dirty-bit"),
          VmKnob.choice(
              "kernel",
              "6.12 rewrites a leaf that already allows the access and zaps tables when dirty logging"
                  + " ends; 6.16 calls such a fault spurious and puts huge leaves in the tables'"
                  + " place; auto: 6.12 for swprot, else 6.16",
              "Linux 6.13, tdp_mmu_map_handle_target_level, recover_huge_pages_range",
              "auto",
              "6.12",
              "6.16"),
          VmKnob.choice(
              "ad-bits",
              "hardware sets accessed and dirty bits; off: aging takes a leaf's permissions away and"
                  + " keeps them in software bits, and a fault gives them back without the lock",
              "Linux kvm_intel.eptad; EPT of a plain or software-protected machine only, for KVM"
                  + " offers TDs only with A/D bits",
              "on",
              "off"),
          VmKnob.choice(
              "manual-protect",
              "fetching the dirty log clears and protects (off), or leaves that to a call of its own"
                  + " (on), with every page dirty when logging begins (initially-set)",
              "Linux KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2",
              "off",
              "on",
              "initially-set"),
          VmKnob.number(
              "interrupt-every",
              "a MapGPA finds an interrupt waiting after so many 2M pieces, answers RETRY, and the"
                  + " guest calls again from there; 0: never",
              "Linux 6.16, tdx_map_gpa",
              "0",
              0,
              1e9),
          VmKnob.choice(
              "concurrency",
              "one thread, or a thread for each vCPU",
              "ours",
              "sequential",
              "threads"),
          VmKnob.number(
              "yield-every",
              "a zap gives the lock up after so many leaves; 0: when somebody waits",
              "Linux: when somebody waits",
              "0",
              0,
              1e9),
          VmKnob.number("vcpus", "number of vCPUs", "TDX: at most 576", "1", 1, 576),
          VmKnob.choice(
              "defect",
              "a deliberate defect that a test must find",
              "no-edge-guards: KVM before its head and tail blocks were invalidated, so that a 2M"
                  + " mapping may cover a block that a conversion is changing; no-stale-check: ours",
              "none",
              "no-edge-guards",
              "no-stale-check"));

  private final Map<String, String> values;

  // Asked for on every access.
  private final boolean tdx;
  private final boolean privateMemory;
  private final boolean threads;

  private VmSpec(Map<String, String> values) {
    this.values = values;
    this.tdx = is("kind", "tdx");
    this.privateMemory = !is("kind", "plain");
    this.threads = is("concurrency", "threads");
  }

  /** Returns the declared knobs in the order in which they are shown. */
  public static List<VmKnob> knobs() {
    return KNOBS;
  }

  /** Returns the machine with every knob at its default. */
  public static VmSpec defaults() {
    Map<String, String> values = new TreeMap<>();
    for (VmKnob knob : KNOBS) {
      values.put(knob.name(), knob.defaultValue());
    }
    return new VmSpec(values);
  }

  /**
   * Reads {@code name=value,...}; the empty text gives the defaults.
   *
   * @throws IllegalArgumentException for an unknown name or value; the message lists the known ones
   */
  public static VmSpec parse(String text) {
    return defaults().with(text);
  }

  /**
   * Returns this machine with other values for the knobs in {@code text}.
   *
   * @throws IllegalArgumentException for an unknown name or value; the message lists the known ones
   */
  public VmSpec with(String text) {
    VmSpec spec = this;
    if (text.isBlank()) {
      return spec;
    }
    for (String part : StrategySpec.splitList(text)) {
      int equals = part.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException(
            "'%s' is no knob with a value; write name=value, known names: %s"
                .formatted(part.strip(), names()));
      }
      spec = spec.with(part.substring(0, equals).strip(), part.substring(equals + 1).strip());
    }
    return spec;
  }

  /**
   * Returns this machine with another value for one knob.
   *
   * @throws IllegalArgumentException for an unknown name or value; the message lists the known ones
   */
  public VmSpec with(String name, String value) {
    VmKnob knob = knob(name);
    if (!knob.accepts(value)) {
      throw new IllegalArgumentException(
          "knob %s does not take '%s'; it takes %s".formatted(name, value, knob.range()));
    }
    Map<String, String> changed = new TreeMap<>(values);
    changed.put(name, value);
    return new VmSpec(changed);
  }

  private static VmKnob knob(String name) {
    for (VmKnob knob : KNOBS) {
      if (knob.name().equals(name)) {
        return knob;
      }
    }
    throw new IllegalArgumentException(
        "unknown knob '%s' of the machine; known: %s".formatted(name, names()));
  }

  private static String names() {
    return KNOBS.stream().map(VmKnob::name).collect(Collectors.joining(", "));
  }

  /**
   * Returns the value of a knob.
   *
   * @throws IllegalArgumentException for an unknown name
   */
  public String value(String name) {
    return values.getOrDefault(knob(name).name(), "");
  }

  boolean is(String name, String value) {
    return value(name).equals(value);
  }

  int number(String name) {
    return (int) Double.parseDouble(value(name));
  }

  double share(String name) {
    return Double.parseDouble(value(name));
  }

  /** Returns whether the machine is a TD. */
  public boolean isTdx() {
    return tdx;
  }

  /** Returns whether the machine knows private memory. */
  public boolean hasPrivateMemory() {
    return privateMemory;
  }

  /** Returns the number of vCPUs. */
  public int vcpus() {
    return number("vcpus");
  }

  /** Returns whether each vCPU is a thread. */
  public boolean hasThreads() {
    return threads;
  }

  /** Returns the knobs that differ from their defaults, as {@link #parse} reads them. */
  @Override
  public String toString() {
    return KNOBS.stream()
        .filter(knob -> !value(knob.name()).equals(knob.defaultValue()))
        .map(knob -> knob.name() + "=" + value(knob.name()))
        .collect(Collectors.joining(","));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VmSpec spec && spec.values.equals(values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }
}
