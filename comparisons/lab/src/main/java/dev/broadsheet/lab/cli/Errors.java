package dev.broadsheet.lab.cli;

import dev.broadsheet.core.strategy.StrategyLoadException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever went wrong into one line on standard error and an exit status. */
final class Errors implements IParameterExceptionHandler, IExecutionExceptionHandler {
  static final int CHECK_FAILED = 1;
  static final int WRONG_USE = 2;

  private static final Pattern LINE_BREAKS = Pattern.compile("\\s*[\\r\\n]+\\s*");
  private static final Pattern CONTROLS = Pattern.compile("\\p{Cntrl}");

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    StringBuilder message = new StringBuilder(String.valueOf(e.getMessage()));
    if (e instanceof UnmatchedArgumentException unmatched) {
      List<String> suggestions = unmatched.getSuggestions();
      if (!suggestions.isEmpty()) {
        message.append("; did you mean ").append(String.join(" or ", suggestions)).append('?');
      }
    }
    message
        .append(" (")
        .append(command.getCommandSpec().qualifiedName())
        .append(" --help lists what there is)");
    print(command, message.toString());
    if (List.of(args).contains("--debug")) { // not parsed when something before it was wrong
      e.printStackTrace(command.getErr());
    }
    return WRONG_USE;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    print(command, message(e));
    if (command.getCommandSpec().root().userObject() instanceof Broadsheet root && root.debug()) {
      e.printStackTrace(command.getErr());
    }
    return exitCode(e);
  }

  static int exitCode(Throwable e) {
    return isBadInput(e) ? WRONG_USE : CHECK_FAILED;
  }

  private static boolean isBadInput(Throwable e) {
    return e instanceof UsageException
        || e instanceof IllegalArgumentException
        || e instanceof IOException
        || e instanceof UncheckedIOException
        || e instanceof StrategyLoadException
        || e instanceof ParameterException;
  }

  static String message(Throwable e) {
    if (e instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
      return message(unchecked.getCause());
    }
    if (e instanceof NoSuchFileException) {
      return "No such file: " + e.getMessage() + "; check the path.";
    }
    if (e instanceof AccessDeniedException) {
      return "No permission: " + e.getMessage() + "; check its owner and mode.";
    }
    if (e instanceof FileSystemException file && file.getReason() != null) {
      return "%s: %s; choose another place.".formatted(file.getFile(), file.getReason());
    }
    String text = e.getMessage();
    if (isBadInput(e) || e instanceof IllegalStateException) {
      return text == null ? e.toString() : text;
    }
    return "Unexpected " + e + "; run again with --debug and report it.";
  }

  private static void print(CommandLine command, String message) {
    PrintWriter err = command.getErr();
    String line = LINE_BREAKS.matcher(message).replaceAll(" ");
    err.println("broadsheet: " + CONTROLS.matcher(line).replaceAll("?"));
    err.flush();
  }
}
