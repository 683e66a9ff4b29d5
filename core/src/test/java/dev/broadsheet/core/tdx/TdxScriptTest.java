package dev.broadsheet.core.tdx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.core.tdx.script.ScriptException;
import dev.broadsheet.core.tdx.script.TdxScript;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scripts of SEAMCALLs: what they print, and what a bad line gets. */
final class TdxScriptTest {
  private static List<String> run(String... lines) throws IOException, ScriptException {
    StringBuilder out = new StringBuilder();
    new TdxScript(out).run(new BufferedReader(new StringReader(String.join("\n", lines))));
    return out.toString().lines().toList();
  }

  @Test
  void scenarios_asScript_printStatusRcxRdx() throws Exception {
    List<String> out =
        run(
            "# scenarios 4, 5, 8, 23 and 27 of the fact sheet",
            "td t tables=8m",
            "TDH.MEM.PAGE.AUG level=1 gpa=8m td=$t hpa=1g",
            "TDH.MEM.PAGE.AUG rcx=8m rdx=$t r8=1g",
            "SEAMCALL 6 rcx=8m rdx=$t r8=1g+4k",
            "TDH.MEM.PAGE.REMOVE gpa=8m td=$t",
            "TDH.MEM.PAGE.AUG level=1 gpa=10m td=$t hpa=1g+2m",
            "TDH.VP.ENTER rcx=$t.vcpu0",
            "TDG.MEM.PAGE.ACCEPT vcpu=$t.vcpu0 gpa=10m+12k",
            "TDH.PHYMEM.PAGE.RECLAIM rcx=1g+2m",
            "teardown td=$t",
            "audit");
    assertThat(out)
        .containsExactly(
            "3 TDH.MEM.PAGE.AUG TDX_EPT_ENTRY_STATE_INCORRECT 0xC0000B0D00000001"
                + " RCX=0x0000000000000007 RDX=0x0000000000008401 R8=0x0000000040000000",
            "4 TDH.MEM.PAGE.AUG TDX_SUCCESS 0x0000000000000000"
                + " RCX=0x0000000000000000 RDX=0x0000000000000000 R8=0x0000000040000000",
            "5 SEAMCALL.6 TDX_EPT_ENTRY_STATE_INCORRECT 0xC0000B0D00000001"
                + " RCX=0x80000000400000F0 RDX=0x0000000000000200 R8=0x0000000040001000",
            "6 TDH.MEM.PAGE.REMOVE TDX_GPA_RANGE_NOT_BLOCKED 0xC0000B0600000001"
                + " RCX=0x80000000400000F0 RDX=0x0000000000000200 R8=0x0000000000000000",
            "7 TDH.MEM.PAGE.AUG TDX_SUCCESS 0x0000000000000000"
                + " RCX=0x0000000000000000 RDX=0x0000000000000000 R8=0x0000000040200000",
            "8 TDH.VP.ENTER TDX_SUCCESS 0x0000000000000000 RCX=0x00000001FFFF8000"
                + " RDX=0x0000000000000000 R8=0x0000000000000000",
            "9 TDG.MEM.PAGE.ACCEPT(exit 48) TDX_SUCCESS 0x0000000000000030"
                + " RCX=0x0000000000000002 RDX=0x0000408800000001 R8=0x0000000000A03000",
            "10 TDH.PHYMEM.PAGE.RECLAIM TDX_LIFECYCLE_STATE_INCORRECT 0xC000060700000000"
                + " RCX=0x0000000000000003 RDX=0x00000001FFFFF000 R8=0x0000000000000001",
            "11 teardown DONE",
            "12 audit DONE");
  }

  @Test
  void lockStatement_holdsTheTree_soThatCallsAreBusy() throws Exception {
    List<String> out =
        run(
            "td t tables=8m",
            "lock tree td=$t exclusive",
            "TDH.MEM.PAGE.AUG gpa=8m td=$t hpa=1g",
            "unlock tree td=$t exclusive",
            "TDH.MEM.PAGE.AUG gpa=8m td=$t hpa=1g");
    assertThat(out.get(0)).startsWith("3 TDH.MEM.PAGE.AUG TDX_OPERAND_BUSY 0x8000020000000092");
    assertThat(out.get(1)).startsWith("5 TDH.MEM.PAGE.AUG TDX_SUCCESS");
  }

  @Test
  void lockEntry_hostAndGuest_areBusyWithTheEntrysDetails() throws Exception {
    List<String> out =
        run(
            "td t tables=8m",
            "TDH.MEM.PAGE.AUG gpa=8m td=$t hpa=1g",
            "TDH.VP.ENTER rcx=$t.vcpu0",
            "lock entry td=$t gpa=8m",
            "TDG.MEM.PAGE.ACCEPT vcpu=$t.vcpu0 gpa=8m",
            "TDH.MEM.RANGE.BLOCK gpa=8m td=$t",
            "unlock entry td=$t gpa=8m",
            "TDG.MEM.PAGE.ACCEPT vcpu=$t.vcpu0 gpa=8m",
            "TDH.MEM.SEPT.RD gpa=8m td=$t",
            "TDG.MEM.PAGE.ACCEPT vcpu=$t.vcpu0 gpa=8m");
    assertThat(out.get(2)).startsWith("5 TDG.MEM.PAGE.ACCEPT TDX_OPERAND_BUSY 0x8000020000000001");
    assertThat(out.get(3))
        .isEqualTo(
            "6 TDH.MEM.RANGE.BLOCK TDX_OPERAND_BUSY 0x8000020000000001 RCX=0x80000000400000F0"
                + " RDX=0x0000000000000200 R8=0x0000000000000000");
    // The host that lost goes first.
    assertThat(out.get(4)).startsWith("8 TDG.MEM.PAGE.ACCEPT TDX_OPERAND_BUSY");
    assertThat(out.get(5)).startsWith("9 TDH.MEM.SEPT.RD TDX_SUCCESS");
    assertThat(out.get(6)).startsWith("10 TDG.MEM.PAGE.ACCEPT TDX_SUCCESS");
  }

  @Test
  void faultStatement_withStatus_isAnsweredOnce() throws Exception {
    List<String> out =
        run(
            "fault TDH.MNG.CREATE TDX_RND_NO_ENTROPY nth=2",
            "fault TDH.MNG.KEY.CONFIG TDX_KEY_GENERATION_FAILED",
            "let t=$new",
            "TDH.MNG.CREATE rcx=$t rdx=64",
            "TDH.MNG.CREATE rcx=$new rdx=65",
            "TDH.MNG.KEY.CONFIG td=$t",
            "TDH.MNG.KEY.CONFIG td=$t",
            "audit");
    assertThat(out.get(0)).startsWith("4 TDH.MNG.CREATE TDX_SUCCESS");
    assertThat(out.get(1)).startsWith("5 TDH.MNG.CREATE TDX_RND_NO_ENTROPY 0x8000020300000000");
    assertThat(out.get(2))
        .startsWith("6 TDH.MNG.KEY.CONFIG TDX_KEY_GENERATION_FAILED 0x8000080000000000");
    assertThat(out.get(3)).startsWith("7 TDH.MNG.KEY.CONFIG TDX_SUCCESS");
  }

  @Test
  void furtherRegisters_thatTheCallChanged_arePrinted() throws Exception {
    List<String> out =
        run(
            "td t tables=8m",
            "TDH.MEM.PAGE.AUG gpa=8m td=$t hpa=1g",
            "TDH.MEM.RANGE.BLOCK gpa=8m td=$t",
            "TDH.PHYMEM.PAGE.RDMD rcx=1g r12=5");
    assertThat(out.get(2))
        .isEqualTo(
            "4 TDH.PHYMEM.PAGE.RDMD TDX_SUCCESS 0x0000000000000000 RCX=0x0000000000000003"
                + " RDX=0x00000001FFFFF000 R8=0x0000000000000000 R9=0x0000000000000001");
  }

  @ParameterizedTest
  @CsvSource({
    "r12=8m r13=6m, SUCCESS R10=0x0000000000000000 R11=0x0000000000E00000 chunks=3",
    "r12=8m+4k r13=4m interrupt-after=1,"
        + " RETRY R10=0x0000000000000001 R11=0x0000000000A01000 chunks=1",
    "r12=8m r13=4m exits=off, SUBFUNC_UNSUPPORTED R10=0x8000000000000003 R11=0x0000000000800000",
    "r12=8m r13=0, INVALID_OPERAND R10=0x8000000000000000 R11=0x0000000000800000",
    "r12=TOP r13=8k, INVALID_OPERAND R10=0x8000000000000000",
    "r12=8m r13=4k+1, ALIGN_ERROR R10=0x8000000000000002 R11=0x0000000000800000"
  })
  void mapGpa_everyKindOfCall_isAnsweredAsKvmDoes(String call, String answer) throws Exception {
    String statement = "map-gpa td=$t " + call.replace("TOP", "0x7ffffffff000");
    assertThat(run("td t", statement).get(0)).startsWith("2 map-gpa " + answer);
  }

  @Test
  void contents_hostWriteToPrivatePage_killsTheReader() throws Exception {
    List<String> out =
        run(
            "td t tables=8m",
            "TDH.MEM.PAGE.AUG gpa=8m td=$t hpa=1g",
            "TDH.VP.ENTER rcx=$t.vcpu0",
            "TDG.MEM.PAGE.ACCEPT vcpu=$t.vcpu0 gpa=8m",
            "access write vcpu=$t.vcpu0 gpa=8m value=0x1234",
            "access read vcpu=$t.vcpu0 gpa=8m",
            "host write hpa=1g value=0xbad",
            "access read vcpu=$t.vcpu0 gpa=8m",
            "TDH.VP.ENTER rcx=$t.vcpu0",
            "teardown td=$t");
    assertThat(out.get(4)).isEqualTo("6 access.read DONE value=0x1234");
    assertThat(out.get(5))
        .startsWith(
            "8 access.read(exit 41) TDX_NON_RECOVERABLE_TD_NON_ACCESSIBLE 0x6000000500000029");
    assertThat(out.get(6)).startsWith("9 TDH.VP.ENTER TDX_TD_FATAL 0xE000060400000000");
    assertThat(out.get(7)).isEqualTo("10 teardown DONE");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "TDH.MEM.PAGE.AGU rcx=1; line 2: unknown statement or leaf 'TDH.MEM.PAGE.AGU'",
        "TDH.MEM.PAGE.AUG rcx; line 2: 'rcx' is not of the form name=value",
        "TDH.MEM.PAGE.AUG rcx=zz; line 2: 'zz' is no number",
        "TDH.MEM.PAGE.AUG rcx=$nobody; line 2: unknown value $nobody; known: t, t.vcpu0",
        "TDH.MEM.PAGE.AUG rcx=1 rcx=2; line 2: 'rcx' is given twice",
        "TDH.MEM.PAGE.AUG rbx=1; line 2: unknown: rbx",
        "TDG.MEM.PAGE.ACCEPT rcx=0; line 2: 'vcpu=' is missing",
        "TDG.MEM.PAGE.ACCEPT vcpu=4k; line 2: 0x1000 is no TDVPR page",
        "module gib=2; line 2: the module is loaded already",
        "access jump vcpu=$t.vcpu0 gpa=0; line 2: access 'jump'; known: read, write, execute",
        "lock tree td=$t; line 2: say either shared or exclusive",
        "td u hkid=64; line 2: TDH.MNG.CREATE",
        "td; line 2: 'td' needs a name for the TD",
        "TDH.VP.ENTER rcx=; line 2: '' is no number",
        "SEAMCALL; line 2: 'SEAMCALL' needs a number",
        "fault TDH.MEM.TRACK nap nth=1; line 2: 'nap'; known: busy, interrupt",
        "fault TDH.MEM.TRACK busy operand=RZX; 'line 2: operand=RZX; known: [RAX, RCX'",
        "lock entry td=$t gpa=8m; line 2: the walk stops at level 3, above level 0",
        "unlock entry td=$t gpa=0 level=3; line 2: the entry is not locked",
        "module2; line 2: unknown statement"
      })
  void badLine_anyKind_isNamedOnce(String line, String message) {
    assertThatThrownBy(() -> run("td t", line))
        .isInstanceOf(ScriptException.class)
        .hasMessageStartingWith(message);
  }
}
