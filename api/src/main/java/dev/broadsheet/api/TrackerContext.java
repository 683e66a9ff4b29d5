package dev.broadsheet.api;

import dev.broadsheet.api.memory.KernelMemory;
import java.util.Optional;

/**
 * All that a tracker may touch of the machine. One context per tracker; valid until the tracker is
 * closed.
 *
 * <p>Safe for use from many threads as far as its parts are.
 */
public interface TrackerContext {
  /** Returns where all state comes from (R10). */
  KernelMemory memory();

  /**
   * Returns the attributes of every gfn that was never converted: a knob of the virtual machine.
   * KVM's own is shared; what a TDX guest expects is private.
   */
  int initialAttributes();

  /** Returns KVM's large-page words of the memslots. */
  LpageInfo lpageInfo();

  /** Returns the port to the page tables; empty where there is no MMU. */
  Optional<PageTables> pageTables();

  /** Returns what is known of host frames. */
  Frames frames();

  /** Returns where a tracker tells that an aligned block became mixed or uniform. */
  Transitions transitions();

  /**
   * Runs {@code action} after an RCU grace period: when every reader that is inside a read section
   * now has left it ({@code call_rcu}).
   */
  void defer(Runnable action);

  /**
   * Creates another strategy's tracker over this same context, for strategies that wrap one.
   *
   * @param spec id and options, such as {@code memslot-array[encoding=packed]}
   * @throws IllegalArgumentException if the strategy or an option is unknown; the message lists the
   *     known
   */
  PageAttributeTracker create(String spec);

  /** Returns the sizes of this machine. */
  Geometry geometry();

  /** Returns a value for every declared option of this strategy. */
  OptionValues options();
}
