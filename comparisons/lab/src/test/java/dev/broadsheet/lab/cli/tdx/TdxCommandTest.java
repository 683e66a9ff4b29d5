package dev.broadsheet.lab.cli.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The {@code tdx} commands: that they print what the model says, and refuse bad scripts. */
final class TdxCommandTest {
  @TempDir private Path folder = Path.of("");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    return new CommandLine(new TdxCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(args);
  }

  private Path script(String... lines) throws Exception {
    return Files.write(folder.resolve("script"), List.of(lines));
  }

  @Test
  void status_printsAllOfThem() {
    assertThat(run("status")).isZero();
    assertThat(out.toString().lines())
        .hasSize(188)
        .startsWith("name,value_hex", "TDX_SUCCESS,0x0000000000000000")
        .contains("TDX_EPT_WALK_FAILED,0xC0000B0000000000");
  }

  @Test
  void leaves_printsAllOfThem() {
    assertThat(run("leaves")).isZero();
    assertThat(out.toString().lines())
        .hasSize(102)
        .startsWith("leaf,number,side", "TDH.VP.ENTER,0,HOST")
        .contains("TDG.MEM.PAGE.ACCEPT,6,GUEST", "TDH.PHYMEM.PAMT.ADD,58,HOST");
  }

  @Test
  void states_printsSevenRows() {
    assertThat(run("states")).isZero();
    assertThat(out.toString().lines()).hasSize(8);
    assertThat(out.toString()).contains("\nPENDING,10,0x70,");
  }

  @Test
  void run_goodScript_printsOneLinePerCall() throws Exception {
    Path file = script("td t tables=8m", "TDH.MEM.PAGE.AUG level=1 gpa=8m td=$t hpa=1g");
    assertThat(run("run", file.toString())).isZero();
    assertThat(out.toString())
        .isEqualToNormalizingNewlines(
            "2 TDH.MEM.PAGE.AUG TDX_EPT_ENTRY_STATE_INCORRECT 0xC0000B0D00000001"
                + " RCX=0x0000000000000007 RDX=0x0000000000008401 R8=0x0000000040000000\n");
  }

  @Test
  void run_badLine_failsWithItsNumber() throws Exception {
    Path file = script("td t", "TDH.MEM.PAGE.AGU rcx=1");
    assertThat(run("run", file.toString())).isNotZero();
    assertThat(err.toString()).contains("line 2: unknown statement or leaf 'TDH.MEM.PAGE.AGU'");
  }

  @Test
  void runHelp_documentsTheFormat() {
    assertThat(run("run", "--help")).isZero();
    assertThat(out.toString()).contains("access read|write|execute", "rcx=4m|1");
  }
}
