package dev.broadsheet.core.vm.attributes;

/** Called where other vCPUs could run while a conversion is under way: {@code mmu_lock} is free. */
@FunctionalInterface
public interface YieldHook {
  /** Lets nobody run. */
  YieldHook NONE = (phase, next) -> {};

  /** Where a conversion stands. */
  enum Phase {
    /** Mappings are gone, nothing is stored yet; faults in the range retry. */
    INVALIDATED,
    /** Attributes before {@code next} are stored, the others not; faults in the range retry. */
    STORING,
    /** All attributes are stored; large-page information is not final; faults still retry. */
    STORED
  }

  /**
   * Lets others run.
   *
   * @param next first gfn of the planned range that is not stored yet
   */
  void letRun(Phase phase, long next);
}
