package dev.broadsheet.lab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class VerifyCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    CommandLine commandLine = Broadsheet.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(args);
  }

  @Test
  void verify_soundStrategy_printsAVerdictPerRuleAndEndsWith0() {
    assertThat(run("verify", "reference", "--in", "alone")).isZero();
    assertThat(out.toString())
        .contains("R1 ", "R12")
        .containsPattern("reference +alone( +ok){12}\\R")
        .contains("12 verdicts, 0 failures");
  }

  @Test
  void verify_strategyInPageTables_isJudgedInEachPlaceOfTables() {
    assertThat(run("verify", "B", "--in", "one-tree,no-free-bit")).isZero();
    assertThat(out.toString())
        .containsPattern("spte-mixed-bit +one-tree( +ok){12}\\R")
        .containsPattern("spte-mixed-bit +no-free-bit +ok +-\\R")
        .contains("refused at creation: no software bit is left");
  }

  @Test
  void verify_underTheWholeMachine_judgesWhatAMachineShows() {
    assertThat(run("verify", "reference", "--in", "whole-machine")).isZero();
    assertThat(out.toString())
        .containsPattern("reference +whole-machine +( +ok){4} +( +ok){2} +( +ok){2}\\R")
        .contains("8 verdicts, 0 failures");
    assertThat(
            run(
                "verify",
                "reference",
                "--in",
                "whole-machine",
                "--repeat",
                "R3 vm=kind=tdx,merge=fault init=8 +0:0x3fe00-0x40200@0x3fe00 t:0x40000-0x40200"))
        .isZero();
    assertThat(out.toString().strip()).endsWith("reference R3 ok: the case passes");
  }

  @Test
  void repeat_oneCase_judgesItAlone() {
    assertThat(run("verify", "memslot-array", "--repeat", "R2 init=8 c0:0x10-0x20")).isZero();
    assertThat(out.toString().strip()).isEqualTo("memslot-array R2 ok: the case passes");
  }

  @Test
  void wrongUse_isStatus2InOneLine() {
    assertThat(run("verify", "moon")).isEqualTo(2);
    assertThat(run("verify", "--in", "moon")).isEqualTo(2);
    assertThat(run("verify", "reference", "--in", "one-tree")).isEqualTo(2);
    assertThat(run("verify", "--repeat", "R2 init=8 c0:0x10-0x20")).isEqualTo(2);
    assertThat(run("verify", "reference", "--repeat", "R2 x")).isEqualTo(2);
    assertThat(run("verify", "reference", "--quick", "--thorough")).isEqualTo(2);
    assertThat(run("verify", "reference", "--repeat", "R2 vm=kind=tdx init=8")).isEqualTo(2);
    assertThat(run("verify", "--plugins", "/no/such/folder")).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(8);
  }
}
