package dev.broadsheet.core.vm;

/**
 * How large a private page may be, as far as the vendor decides: 4K in a TD that is still being
 * built, 2M when it runs, nothing to say elsewhere.
 */
final class PrivateLevelPolicy implements VmFaultEnvironment.PrivateLevels {
  private static final int LEVEL_1G = 3;

  private final boolean tdx;
  private final int runLevel;
  private volatile boolean runnable;

  PrivateLevelPolicy(VmSpec spec) {
    this.tdx = spec.isTdx();
    this.runLevel = spec.is("accept-level", "4k") ? 1 : 2;
  }

  void setRunnable() {
    runnable = true;
  }

  @Override
  public int max(long gfn) {
    if (!tdx) {
      return LEVEL_1G;
    }
    return runnable ? runLevel : 1;
  }
}
