package dev.broadsheet.core.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.tdx.FactTables.Row;
import dev.broadsheet.core.tdx.script.TdxCatalog;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptRules;
import dev.broadsheet.core.tdx.sept.SeptState;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The tables in code against the tables of the fact sheet, cell by cell. */
final class FactsAgreementTest {
  @Test
  void statuses_all_agreeInNameValueAndRecoverability() throws IOException {
    StringBuilder csv = new StringBuilder();
    TdxCatalog.statuses(csv);
    List<Row> facts = FactTables.rows("tdx-status-codes.csv");
    List<Row> ours = FactTables.parse(csv.toString());
    assertThat(ours).hasSameSizeAs(facts);
    for (int i = 0; i < facts.size(); i++) {
      Row fact = facts.get(i);
      TdxStatus status = TdxStatus.valueOf(fact.get("name"));
      assertThat(ours.get(i).get("name")).isEqualTo(fact.get("name"));
      assertThat(ours.get(i).get("value_hex")).isEqualTo(fact.get("value_hex"));
      assertThat(String.format("0x%02X", status.statusClass())).isEqualTo(fact.get("class"));
      assertThat(status.recoverability().name().toLowerCase(java.util.Locale.ROOT))
          .isEqualTo(fact.get("recoverable").replace('-', '_'));
    }
  }

  @Test
  void operands_all_agreeInNameAndNumber() {
    List<Row> facts = FactTables.rows("tdx-operand-ids.csv");
    assertThat(OperandId.values()).hasSameSizeAs(facts);
    for (Row fact : facts) {
      assertThat(OperandId.valueOf(fact.get("name")).id())
          .isEqualTo(Integer.parseInt(fact.get("id")));
    }
  }

  @Test
  void leaves_all_agreeInNumberSideVersionAndOperationStates() throws IOException {
    StringBuilder csv = new StringBuilder();
    TdxCatalog.leaves(csv);
    List<Row> facts = FactTables.rows("tdx-leaves.csv");
    List<Row> ours = FactTables.parse(csv.toString());
    assertThat(ours).hasSameSizeAs(facts);
    for (int i = 0; i < facts.size(); i++) {
      Row fact = facts.get(i);
      for (String column : List.of("leaf", "number", "side")) {
        assertThat(ours.get(i).get(column)).isEqualTo(fact.get(column));
      }
      SeamcallLeaf leaf = SeamcallLeaf.named(fact.get("leaf"));
      if (leaf != null) {
        String version = fact.get("max_version_field");
        assertThat(leaf.maxVersion()).isEqualTo(version.isEmpty() ? 0 : Integer.parseInt(version));
        List<String> allowed = Arrays.asList(fact.get("op_states_allowed").split(" "));
        for (OpState state : OpState.values()) {
          assertThat(leaf.allowedIn(state))
              .as("%s in %s", leaf, state)
              .isEqualTo(allowed.contains(state.name()));
        }
      }
    }
  }

  @Test
  void septStates_all_agreeInEncodingBitsAndFlags() {
    List<Row> facts = FactTables.rows("sept-states.csv");
    assertThat(SeptState.values()).hasSameSizeAs(facts);
    for (Row fact : facts) {
      SeptState state = SeptState.valueOf(fact.get("state"));
      long entry = SeptEntry.of(state, 0);
      assertThat(state.index()).isEqualTo(Integer.parseInt(fact.get("index")));
      assertThat(state.encoding()).isEqualTo(Integer.decode(fact.get("encoding_hex")));
      assertThat(state.reported()).isEqualTo(Integer.parseInt(fact.get("arch_state_in_RDX_15_8")));
      assertThat(SeptEntry.state(entry)).isEqualTo(state);
      bit(fact, "bit9_D", entry, 9);
      bit(fact, "bit53_TDEX", entry, 53);
      bit(fact, "bit54_TDBW", entry, 54);
      bit(fact, "bit55_TDB", entry, 55);
      bit(fact, "bit56_TDP", entry, 56);
      bit(fact, "bit6_IPAT", entry, 6);
      bit(fact, "bit7_PS", entry, 7);
      String rwx = fact.get("rwx");
      assertThat((entry & SeptEntry.R) != 0).isEqualTo(rwx.contains("R"));
      assertThat((entry & SeptEntry.W) != 0).isEqualTo(rwx.contains("W"));
      assertThat((entry & SeptEntry.X) != 0).isEqualTo(rwx.contains("X"));
      flag(fact, "blocked", state.isBlocked());
      flag(fact, "pending", state.isPending());
      flag(fact, "guest_accessible_leaf", state.isGuestAccessible());
      flag(fact, "tlb_tracking_required", state.needsTlbTracking());
    }
  }

  private static void bit(Row fact, String column, long entry, int bit) {
    assertThat(entry >>> bit & 1)
        .as("%s of %s", column, fact.get("state"))
        .isEqualTo(Long.parseLong(fact.get(column)));
  }

  private static void flag(Row fact, String column, boolean ours) {
    assertThat(ours)
        .as("%s of %s", column, fact.get("state"))
        .isEqualTo(fact.get(column).equals("1"));
  }

  @Test
  void rules_everyCellOfSixteenStates_agrees() {
    for (Row fact : FactTables.rows("sept-states.csv")) {
      SeptState state = SeptState.valueOf(fact.get("state"));
      for (SeptFunction function : SeptFunction.values()) {
        String ours =
            SeptRules.nextStates(function, state).stream()
                .map(SeptState::name)
                .collect(Collectors.joining("|"));
        assertThat(ours.isEmpty() ? "no" : ours)
            .as("%s from %s", function, state)
            .isEqualTo(fact.get(function.leafName()));
      }
    }
  }

  @Test
  void states_everyCellFoundByExecution_agrees() throws IOException {
    StringBuilder csv = new StringBuilder();
    TdxCatalog.states(csv);
    List<Row> ours = FactTables.parse(csv.toString());
    List<Row> facts =
        FactTables.rows("sept-states.csv").stream()
            .filter(row -> row.get("needed_without_migration").equals("1"))
            .toList();
    assertThat(ours).hasSameSizeAs(facts);
    for (int i = 0; i < ours.size(); i++) {
      Row fact = facts.get(i);
      ours.get(i)
          .cells()
          .forEach(
              (column, cell) ->
                  assertThat(cell)
                      .as("%s from %s", column, fact.get("state"))
                      .isEqualTo(fact.get(column)));
    }
  }
}
