package dev.broadsheet.core.tdx;

import dev.broadsheet.core.tdx.pamt.Tdmr;
import java.util.ArrayList;
import java.util.List;

/**
 * What the platform and the module are like.
 *
 * @param tdmrs memory that TDs may use, in whole 1G blocks
 * @param hpaBits width of a physical address without key id; the key id stands above it
 * @param hkidBits width of the key id
 * @param firstPrivateHkid first private key id
 * @param privateHkids number of private key ids
 * @param packages number of processor packages, 1 to 64
 * @param processorsPerPackage logical processors in each
 * @param dynamicPamt whether 4K PAMT entries live in page pairs that the host adds
 * @param demoteUninterruptible whether DEMOTE ignores interrupts (feature bit 51)
 * @param fiveLevelEpt whether the processor walks five levels
 * @param contents whether page contents are modelled; costs 16 bytes a touched 4K page
 * @param threads whether several threads may call at a time; if not, locks cost no atomic operation
 * @param ready whether the module and its TDMRs are initialised from the start
 * @param hostPriorityAttempts after how many lost entry locks in a row a guest is forced out
 */
public record TdxModuleConfig(
    List<Tdmr> tdmrs,
    int hpaBits,
    int hkidBits,
    int firstPrivateHkid,
    int privateHkids,
    int packages,
    int processorsPerPackage,
    boolean dynamicPamt,
    boolean demoteUninterruptible,
    boolean fiveLevelEpt,
    boolean contents,
    boolean threads,
    boolean ready,
    int hostPriorityAttempts) {

  /** TDX_FEATURES0: relaxed memory management concurrency. */
  public static final long FEATURE_RELAXED_MEMORY = 1L << 4;

  /** TDX_FEATURES0: host-priority locks. */
  public static final long FEATURE_HOST_PRIORITY = 1L << 10;

  /** TDX_FEATURES0: dynamic PAMT. */
  public static final long FEATURE_DYNAMIC_PAMT = 1L << 36;

  /** TDX_FEATURES0: DEMOTE without L2 VMs is not interrupted. */
  public static final long FEATURE_DEMOTE_UNINTERRUPTIBLE = 1L << 51;

  /** Checks the ranges. */
  public TdxModuleConfig {
    tdmrs = List.copyOf(tdmrs);
    require(!tdmrs.isEmpty(), "no TDMR: a module without memory cannot hold a TD");
    require(hpaBits >= 31 && hpaBits + hkidBits <= 52, "hpaBits + hkidBits must not exceed 52");
    require(
        firstPrivateHkid >= 1 && privateHkids >= 1, "there must be a private key id, from 1 on");
    require(
        firstPrivateHkid + privateHkids <= 1 << hkidBits,
        "private key ids do not fit hkidBits = " + hkidBits);
    require(packages >= 1 && packages <= 64, "packages must be 1 to 64");
    require(processorsPerPackage >= 1, "processorsPerPackage must be positive");
    require(hostPriorityAttempts >= 1, "hostPriorityAttempts must be positive");
    for (Tdmr tdmr : tdmrs) {
      require(
          tdmr.end() <= 1L << hpaBits,
          String.format("%s ends above the physical width of %d bits", tdmr, hpaBits));
    }
  }

  /** Returns a builder: 45 address bits, 64 private key ids from 64 on, one package, 1.5.05. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the physical width with the key id. */
  public int maxPhysicalBits() {
    return hpaBits + hkidBits;
  }

  /** Returns TDX_FEATURES0, as far as the model knows its bits. */
  public long features0() {
    return FEATURE_RELAXED_MEMORY
        | FEATURE_HOST_PRIORITY
        | (dynamicPamt ? FEATURE_DYNAMIC_PAMT : 0)
        | (demoteUninterruptible ? FEATURE_DEMOTE_UNINTERRUPTIBLE : 0);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Sets what differs from the defaults. */
  public static final class Builder {
    private final List<Tdmr> tdmrs = new ArrayList<>();
    private int hpaBits = 45;
    private int hkidBits = 7;
    private int firstPrivateHkid = 64;
    private int privateHkids = 64;
    private int packages = 1;
    private int processorsPerPackage = 1024;
    private boolean dynamicPamt;
    private boolean demoteUninterruptible;
    private boolean fiveLevelEpt = true;
    private boolean contents;
    private boolean threads = true;
    private boolean ready = true;
    private int hostPriorityAttempts = 1000;

    private Builder() {}

    /** Adds a TDMR of {@code bytes} from {@code base} on. */
    public Builder tdmr(long base, long bytes) {
      tdmrs.add(new Tdmr(base, bytes));
      return this;
    }

    /** Sets the widths of address and key id. */
    public Builder widths(int newHpaBits, int newHkidBits) {
      hpaBits = newHpaBits;
      hkidBits = newHkidBits;
      return this;
    }

    /** Sets the range of private key ids. */
    public Builder privateHkids(int first, int count) {
      firstPrivateHkid = first;
      privateHkids = count;
      return this;
    }

    /** Sets the number of packages and of logical processors in each. */
    public Builder packages(int newPackages, int newProcessorsPerPackage) {
      packages = newPackages;
      processorsPerPackage = newProcessorsPerPackage;
      return this;
    }

    /** Switches dynamic PAMT. */
    public Builder dynamicPamt(boolean on) {
      dynamicPamt = on;
      return this;
    }

    /** Switches the DEMOTE that no interrupt disturbs. */
    public Builder demoteUninterruptible(boolean on) {
      demoteUninterruptible = on;
      return this;
    }

    /** Switches five-level walks. */
    public Builder fiveLevelEpt(boolean on) {
      fiveLevelEpt = on;
      return this;
    }

    /** Switches page contents. */
    public Builder contents(boolean on) {
      contents = on;
      return this;
    }

    /** Sets whether several threads may call at a time. */
    public Builder threads(boolean on) {
      threads = on;
      return this;
    }

    /** Sets whether the module is initialised from the start. */
    public Builder ready(boolean on) {
      ready = on;
      return this;
    }

    /** Sets after how many lost entry locks in a row a guest is forced out. */
    public Builder hostPriorityAttempts(int attempts) {
      hostPriorityAttempts = attempts;
      return this;
    }

    /** Returns the configuration. */
    public TdxModuleConfig build() {
      return new TdxModuleConfig(
          tdmrs,
          hpaBits,
          hkidBits,
          firstPrivateHkid,
          privateHkids,
          packages,
          processorsPerPackage,
          dynamicPamt,
          demoteUninterruptible,
          fiveLevelEpt,
          contents,
          threads,
          ready,
          hostPriorityAttempts);
    }
  }
}
