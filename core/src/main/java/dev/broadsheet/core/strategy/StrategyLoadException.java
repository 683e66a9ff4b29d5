package dev.broadsheet.core.strategy;

import java.io.Serial;

/**
 * The strategies on the class path, or in a folder of plug-ins, cannot be used as they are: a
 * duplicate or malformed id, a provider that throws, a JAR for another major version of the SPI.
 * The message is one line that names the class, its JAR and what would do. A run that quietly left
 * a strategy out would be worse than none.
 */
public final class StrategyLoadException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  StrategyLoadException(String message) {
    super(message);
  }

  StrategyLoadException(String message, Throwable cause) {
    super(message, cause);
  }
}
