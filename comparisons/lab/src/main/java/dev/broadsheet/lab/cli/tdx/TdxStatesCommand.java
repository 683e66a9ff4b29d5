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

/** Prints the state table as the model plays it. */
@Command(
    name = "states",
    mixinStandardHelpOptions = true,
    description = "What each leaf does to an entry in each state, found by executing it.")
final class TdxStatesCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = requireNonNull(spec, "picocli sets it").commandLine().getOut();
    TdxCatalog.states(out);
    out.flush();
    return 0;
  }
}
