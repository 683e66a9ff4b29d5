package dev.broadsheet.lab.cli.tdx;

import static java.util.Objects.requireNonNull;

import dev.broadsheet.core.tdx.script.ScriptException;
import dev.broadsheet.core.tdx.script.TdxScript;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a script of SEAMCALLs and TDCALLs on a fresh module. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description =
        "Run a script of SEAMCALLs and TDCALLs; print status name, value, RCX and RDX per call.",
    footer = {"", TdxScript.HELP})
final class TdxRunCommand implements Callable<Integer> {
  @Parameters(paramLabel = "SCRIPT", description = "The script.")
  private @Nullable Path script;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Path file = requireNonNull(script, "picocli demands it");
    CommandSpec self = requireNonNull(spec, "picocli sets it");
    if (Files.isDirectory(file)) {
      throw new ParameterException(
          self.commandLine(), "'%s' is a folder; give a script.".formatted(file));
    }
    PrintWriter out = self.commandLine().getOut();
    try (InputStream in = Files.newInputStream(file);
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      new TdxScript(out).run(reader);
    } catch (ScriptException e) {
      out.flush();
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    } finally {
      out.flush();
    }
    return 0;
  }
}
