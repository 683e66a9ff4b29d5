package dev.broadsheet.core.tdx.sept;

import static dev.broadsheet.core.tdx.sept.SeptFunction.ACCEPT;
import static dev.broadsheet.core.tdx.sept.SeptFunction.ATTR_RD;
import static dev.broadsheet.core.tdx.sept.SeptFunction.ATTR_WR;
import static dev.broadsheet.core.tdx.sept.SeptFunction.EXPORT_BLOCKW;
import static dev.broadsheet.core.tdx.sept.SeptFunction.EXPORT_MEM;
import static dev.broadsheet.core.tdx.sept.SeptFunction.EXPORT_RESTORE;
import static dev.broadsheet.core.tdx.sept.SeptFunction.EXPORT_UNBLOCKW;
import static dev.broadsheet.core.tdx.sept.SeptFunction.IMPORT_MEM;
import static dev.broadsheet.core.tdx.sept.SeptFunction.MEM_RD;
import static dev.broadsheet.core.tdx.sept.SeptFunction.MEM_WR;
import static dev.broadsheet.core.tdx.sept.SeptFunction.MR_EXTEND;
import static dev.broadsheet.core.tdx.sept.SeptFunction.PAGE_ADD;
import static dev.broadsheet.core.tdx.sept.SeptFunction.PAGE_AUG;
import static dev.broadsheet.core.tdx.sept.SeptFunction.PAGE_DEMOTE;
import static dev.broadsheet.core.tdx.sept.SeptFunction.PAGE_PROMOTE;
import static dev.broadsheet.core.tdx.sept.SeptFunction.PAGE_RELOCATE;
import static dev.broadsheet.core.tdx.sept.SeptFunction.PAGE_REMOVE;
import static dev.broadsheet.core.tdx.sept.SeptFunction.RANGE_BLOCK;
import static dev.broadsheet.core.tdx.sept.SeptFunction.RANGE_UNBLOCK;
import static dev.broadsheet.core.tdx.sept.SeptFunction.SEPT_ADD;
import static dev.broadsheet.core.tdx.sept.SeptFunction.SEPT_RD;
import static dev.broadsheet.core.tdx.sept.SeptFunction.SEPT_REMOVE;
import static dev.broadsheet.core.tdx.sept.SeptState.BLOCKED;
import static dev.broadsheet.core.tdx.sept.SeptState.BLOCKEDW;
import static dev.broadsheet.core.tdx.sept.SeptState.EXPORTED_BLOCKEDW;
import static dev.broadsheet.core.tdx.sept.SeptState.EXPORTED_DIRTY;
import static dev.broadsheet.core.tdx.sept.SeptState.EXPORTED_DIRTY_BLOCKEDW;
import static dev.broadsheet.core.tdx.sept.SeptState.FREE;
import static dev.broadsheet.core.tdx.sept.SeptState.MAPPED;
import static dev.broadsheet.core.tdx.sept.SeptState.NL_BLOCKED;
import static dev.broadsheet.core.tdx.sept.SeptState.NL_MAPPED;
import static dev.broadsheet.core.tdx.sept.SeptState.PENDING;
import static dev.broadsheet.core.tdx.sept.SeptState.PENDING_BLOCKED;
import static dev.broadsheet.core.tdx.sept.SeptState.PENDING_BLOCKEDW;
import static dev.broadsheet.core.tdx.sept.SeptState.PENDING_EXPORTED_BLOCKEDW;
import static dev.broadsheet.core.tdx.sept.SeptState.PENDING_EXPORTED_DIRTY;
import static dev.broadsheet.core.tdx.sept.SeptState.PENDING_EXPORTED_DIRTY_BLOCKEDW;
import static dev.broadsheet.core.tdx.sept.SeptState.REMOVED;

import java.util.EnumSet;
import java.util.Set;

/**
 * Which function may meet an entry in which state, and what the entry is afterwards: the one table
 * that all functions ask.
 *
 * <p>A cell that is not listed is illegal: the function answers {@code
 * TDX_EPT_ENTRY_STATE_INCORRECT} (or what the specification says instead) and changes nothing.
 * Where two next states are listed, the children (PROMOTE) or the imported page (IMPORT.MEM)
 * decide. Block and TLB tracking are asked for beside this table, when the TD may run.
 *
 * <p>Source: TDX module 1.5.05, sept_state_lookup.c; {@code sept-states.csv}.
 */
public final class SeptRules {
  private static final int STATES = SeptState.values().length;
  private static final SeptState[] STATE_VALUES = SeptState.values();

  /** {@code NEXT[function * 16 + state]}: set of next states by ordinal; 0 is illegal. */
  private static final int[] NEXT = new int[SeptFunction.values().length * STATES];

  static {
    // Building and growing.
    rule(SEPT_ADD, FREE, NL_MAPPED);
    rule(SEPT_ADD, NL_MAPPED, NL_MAPPED); // version 1 with "allow existing" only
    rule(PAGE_ADD, FREE, MAPPED);
    rule(PAGE_AUG, FREE, PENDING);
    rule(PAGE_AUG, REMOVED, PENDING);
    rule(ACCEPT, PENDING, MAPPED);
    rule(ACCEPT, PENDING_EXPORTED_DIRTY, EXPORTED_DIRTY);

    // Taking away.
    rule(RANGE_BLOCK, NL_MAPPED, NL_BLOCKED);
    rule(RANGE_BLOCK, MAPPED, BLOCKED);
    rule(RANGE_BLOCK, BLOCKEDW, BLOCKED);
    rule(RANGE_BLOCK, PENDING, PENDING_BLOCKED);
    rule(RANGE_BLOCK, PENDING_BLOCKEDW, PENDING_BLOCKED);
    rule(RANGE_UNBLOCK, NL_BLOCKED, NL_MAPPED);
    rule(RANGE_UNBLOCK, BLOCKED, MAPPED);
    rule(RANGE_UNBLOCK, PENDING_BLOCKED, PENDING);
    rule(PAGE_REMOVE, MAPPED, FREE);
    rule(PAGE_REMOVE, BLOCKED, FREE);
    rule(PAGE_REMOVE, BLOCKEDW, FREE);
    rule(PAGE_REMOVE, PENDING, FREE);
    rule(PAGE_REMOVE, PENDING_BLOCKED, FREE);
    rule(PAGE_REMOVE, PENDING_BLOCKEDW, FREE);
    rule(SEPT_REMOVE, NL_MAPPED, FREE);
    rule(SEPT_REMOVE, NL_BLOCKED, FREE);

    // Other sizes, other frames.
    rule(PAGE_PROMOTE, NL_MAPPED, MAPPED, PENDING);
    rule(PAGE_PROMOTE, NL_BLOCKED, MAPPED, PENDING);
    rule(PAGE_DEMOTE, MAPPED, NL_MAPPED);
    rule(PAGE_DEMOTE, BLOCKED, NL_MAPPED);
    rule(PAGE_DEMOTE, PENDING, NL_MAPPED);
    rule(PAGE_DEMOTE, PENDING_BLOCKED, NL_MAPPED);
    rule(PAGE_RELOCATE, BLOCKED, MAPPED);
    rule(PAGE_RELOCATE, PENDING_BLOCKED, PENDING);
    for (SeptState state : STATE_VALUES) {
      if (state.isLeaf() && !state.isBlocked()) {
        rule(PAGE_RELOCATE, state, state);
      }
      rule(SEPT_RD, state, state);
    }

    // Looking and measuring.
    rule(MR_EXTEND, MAPPED, MAPPED);
    for (SeptState state : STATE_VALUES) {
      if (state.isGuestAccessible()) {
        rule(MEM_RD, state, state);
      }
      if (state.isGuestAccessible() && !state.isWriteBlocked()) {
        rule(MEM_WR, state, state);
      }
      if (state.isLeaf() && !state.isBlocked()) {
        rule(ATTR_RD, state, state);
      }
      if (state.isLeaf() && !state.isBlocked() && !state.isWriteBlocked()) {
        rule(ATTR_WR, state, state);
      }
    }

    // Migration.
    rule(EXPORT_BLOCKW, MAPPED, BLOCKEDW);
    rule(EXPORT_BLOCKW, EXPORTED_DIRTY, EXPORTED_DIRTY_BLOCKEDW);
    rule(EXPORT_BLOCKW, PENDING, PENDING_BLOCKEDW);
    rule(EXPORT_BLOCKW, PENDING_EXPORTED_DIRTY, PENDING_EXPORTED_DIRTY_BLOCKEDW);
    rule(EXPORT_RESTORE, EXPORTED_BLOCKEDW, MAPPED);
    rule(EXPORT_RESTORE, EXPORTED_DIRTY, MAPPED);
    rule(EXPORT_RESTORE, EXPORTED_DIRTY_BLOCKEDW, MAPPED);
    rule(EXPORT_RESTORE, PENDING_EXPORTED_BLOCKEDW, PENDING);
    rule(EXPORT_RESTORE, PENDING_EXPORTED_DIRTY, PENDING);
    rule(EXPORT_RESTORE, PENDING_EXPORTED_DIRTY_BLOCKEDW, PENDING);
    for (SeptState state : STATE_VALUES) {
      if (state.isLeaf() && !state.isBlocked()) {
        rule(EXPORT_MEM, state, state.isPending() ? PENDING_EXPORTED_BLOCKEDW : EXPORTED_BLOCKEDW);
      }
    }
    rule(EXPORT_UNBLOCKW, BLOCKEDW, MAPPED);
    rule(EXPORT_UNBLOCKW, EXPORTED_BLOCKEDW, EXPORTED_DIRTY);
    rule(EXPORT_UNBLOCKW, EXPORTED_DIRTY_BLOCKEDW, EXPORTED_DIRTY);
    rule(EXPORT_UNBLOCKW, PENDING_BLOCKEDW, PENDING);
    rule(EXPORT_UNBLOCKW, PENDING_EXPORTED_BLOCKEDW, PENDING_EXPORTED_DIRTY);
    rule(EXPORT_UNBLOCKW, PENDING_EXPORTED_DIRTY_BLOCKEDW, PENDING_EXPORTED_DIRTY);
    rule(IMPORT_MEM, FREE, MAPPED, PENDING);
    rule(IMPORT_MEM, REMOVED, MAPPED, PENDING);
    rule(IMPORT_MEM, MAPPED, MAPPED, PENDING);
    rule(IMPORT_MEM, PENDING, MAPPED, PENDING);
  }

  private SeptRules() {}

  /** Returns whether the function may start from an entry in this state. */
  public static boolean isLegal(SeptFunction function, SeptState state) {
    return NEXT[function.index() * STATES + state.index()] != 0;
  }

  /**
   * Returns the state that the function leaves behind.
   *
   * @throws IllegalArgumentException if the cell is illegal or has more than one next state
   */
  public static SeptState next(SeptFunction function, SeptState state) {
    int next = NEXT[function.index() * STATES + state.index()];
    if (Integer.bitCount(next) != 1) {
      throw new IllegalArgumentException(
          function + " from " + state + " has not one next state: " + nextStates(function, state));
    }
    return STATE_VALUES[Integer.numberOfTrailingZeros(next)];
  }

  /** Returns all states that the function can leave behind; empty if the cell is illegal. */
  public static Set<SeptState> nextStates(SeptFunction function, SeptState state) {
    int next = NEXT[function.index() * STATES + state.index()];
    Set<SeptState> states = EnumSet.noneOf(SeptState.class);
    for (SeptState candidate : STATE_VALUES) {
      if ((next >>> candidate.index() & 1) != 0) {
        states.add(candidate);
      }
    }
    return states;
  }

  private static void rule(SeptFunction function, SeptState from, SeptState to) {
    NEXT[function.index() * STATES + from.index()] |= 1 << to.index();
  }

  private static void rule(SeptFunction function, SeptState from, SeptState one, SeptState other) {
    rule(function, from, one);
    rule(function, from, other);
  }
}
