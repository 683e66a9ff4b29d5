package dev.broadsheet.lab.cli.tdx;

import static java.util.Objects.requireNonNull;

import dev.broadsheet.core.tdx.script.TdxCatalog;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints every completion status. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Every completion status: name,value_hex.")
final class TdxStatusCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = requireNonNull(spec, "picocli sets it").commandLine().getOut();
    TdxCatalog.statuses(out);
    out.flush();
    return 0;
  }
}
