package dev.broadsheet.lab.trace.importer;

import dev.broadsheet.lab.trace.SourceBytes;
import dev.broadsheet.lab.trace.TraceFormatException;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** Lines of a log, packed or not; of a line that is too long only its number is known. */
final class LogLines implements Closeable {
  /** Lines of logs are shorter than 200 bytes; what is longer than this is none. */
  static final int LONGEST_LINE = 8 * 1024;

  private final String file;
  private final InputStream in;
  private final byte[] buffer = new byte[64 * 1024];
  private final byte[] line = new byte[LONGEST_LINE];
  private int at;
  private int filled;
  private long number;
  private @Nullable String text;

  LogLines(Path path) throws IOException {
    this.file = path.toString();
    this.in = SourceBytes.of(file, Files.newInputStream(path)).stream();
  }

  /** Moves to the next line; false at the end. */
  boolean next() throws IOException {
    int length = 0;
    boolean any = false;
    while (true) {
      if (at == filled) {
        filled = Math.max(0, fill());
        at = 0;
        if (filled == 0) {
          break;
        }
      }
      any = true;
      byte b = buffer[at++];
      if (b == '\n') {
        break;
      }
      if (length < LONGEST_LINE) {
        line[length] = b;
      }
      length = Math.min(length + 1, LONGEST_LINE + 1);
    }
    if (!any) {
      return false;
    }
    number++;
    boolean cr = length > 0 && length <= LONGEST_LINE && line[length - 1] == '\r';
    text =
        length > LONGEST_LINE
            ? null
            : new String(line, 0, cr ? length - 1 : length, StandardCharsets.ISO_8859_1);
    return true;
  }

  private int fill() throws IOException {
    try {
      return in.read(buffer);
    } catch (EOFException cut) {
      throw damaged("the end of the compressed data in the middle", cut);
    } catch (ZipException broken) {
      throw damaged("damaged compressed data", broken);
    }
  }

  private TraceFormatException damaged(String found, IOException cause) {
    TraceFormatException damaged =
        new TraceFormatException(file, number + 1, found, "a whole file; copy it again");
    damaged.initCause(cause);
    return damaged;
  }

  /** Returns the line without its end, or null if it is too long. */
  @Nullable String text() {
    return text;
  }

  /** Returns the number of the line, the first being 1. */
  long number() {
    return number;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
