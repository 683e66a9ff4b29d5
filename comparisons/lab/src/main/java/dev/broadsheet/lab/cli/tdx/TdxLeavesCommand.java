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

/** Prints every function of host and guest. */
@Command(
    name = "leaves",
    mixinStandardHelpOptions = true,
    description = "Every function of host and guest: leaf,number,side.")
final class TdxLeavesCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = requireNonNull(spec, "picocli sets it").commandLine().getOut();
    TdxCatalog.leaves(out);
    out.flush();
    return 0;
  }
}
