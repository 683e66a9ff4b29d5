package dev.broadsheet.core.tdx.script;

import dev.broadsheet.core.tdx.SeamcallLeaf;
import dev.broadsheet.core.tdx.TdcallLeaf;
import dev.broadsheet.core.tdx.TdxStatus;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptState;
import java.io.IOException;
import java.util.List;

/**
 * What the model does, as CSV: statuses, leaves, and the state table, whose cells are found by
 * executing each leaf in each state.
 */
public final class TdxCatalog {
  /** The states that a TD without migration and without L2 VMs can reach. */
  public static final List<SeptState> STATES =
      List.of(
          SeptState.FREE,
          SeptState.NL_MAPPED,
          SeptState.NL_BLOCKED,
          SeptState.MAPPED,
          SeptState.BLOCKED,
          SeptState.PENDING,
          SeptState.PENDING_BLOCKED);

  private TdxCatalog() {}

  /** Prints {@code name,value_hex}. */
  public static void statuses(Appendable out) throws IOException {
    out.append("name,value_hex\n");
    for (TdxStatus status : TdxStatus.values()) {
      out.append(String.format("%s,0x%016X\n", status.name(), status.value()));
    }
  }

  /** Prints {@code leaf,number,side}. */
  public static void leaves(Appendable out) throws IOException {
    out.append("leaf,number,side\n");
    for (SeamcallLeaf leaf : SeamcallLeaf.values()) {
      out.append(String.format("%s,%d,HOST\n", leaf.leafName(), leaf.number()));
    }
    for (TdcallLeaf leaf : TdcallLeaf.values()) {
      out.append(String.format("%s,%d,GUEST\n", leaf.leafName(), leaf.number()));
    }
  }

  /**
   * Prints {@code state,index,encoding_hex} and a column for each leaf that meets entries: {@code
   * no}, or what the entry became, alternatives separated by a bar.
   */
  public static void states(Appendable out) throws IOException {
    out.append("state,index,encoding_hex");
    for (SeptFunction function : SeptFunction.values()) {
      out.append(',').append(function.leafName());
    }
    out.append('\n');
    for (SeptState state : STATES) {
      out.append(String.format("%s,%d,0x%02x", state.name(), state.index(), state.encoding()));
      for (SeptFunction function : SeptFunction.values()) {
        out.append(',').append(StateExperiment.cell(function, state));
      }
      out.append('\n');
    }
  }
}
