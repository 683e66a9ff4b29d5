package dev.broadsheet.lab.cli;

import java.io.Serial;

/** Wrong use or bad input: ends the program with status 2 and one line on standard error. */
final class UsageException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** One line: what was asked, what was found, what would do. */
  UsageException(String message) {
    super(message);
  }

  UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
