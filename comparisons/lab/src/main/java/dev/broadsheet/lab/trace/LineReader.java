package dev.broadsheet.lab.trace;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;

/**
 * Lines of a file as slices of one fixed buffer: no allocation per line, and memory bounded
 * whatever the file holds.
 */
final class LineReader implements Closeable {
  /** The longest line that is read, its newline not counted. */
  static final int LONGEST_LINE = 64 * 1024;

  private final String file;
  private final InputStream in;
  private final byte[] buffer = new byte[2 * LONGEST_LINE];
  private int start;
  private int end;
  private int scanned;
  private int filled;
  private long lineNumber;

  LineReader(String file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  /** Moves to the next line; false at the end of the file. */
  boolean next() throws IOException {
    start = scanned;
    int at = start;
    while (true) {
      while (at < filled) {
        if (buffer[at] == '\n' && at - start <= LONGEST_LINE) {
          end = at;
          scanned = at + 1;
          lineNumber++;
          return true;
        }
        at++;
      }
      if (at - start > LONGEST_LINE) {
        throw new TraceFormatException(
            file,
            lineNumber + 1,
            "a line of more than " + LONGEST_LINE + " bytes",
            "short lines of text");
      }
      at -= start;
      if (start > 0) {
        System.arraycopy(buffer, start, buffer, 0, filled - start);
        filled -= start;
        start = 0;
      }
      int read = fill();
      if (read < 0) {
        if (at > 0) {
          throw new TraceFormatException(
              file,
              lineNumber + 1,
              TraceFormatException.quote(buffer, 0, filled) + " without a newline at the end",
              "a whole line; the file is cut, copy it again");
        }
        scanned = 0;
        return false;
      }
      filled += read;
    }
  }

  private int fill() throws IOException {
    try {
      return in.read(buffer, filled, buffer.length - filled);
    } catch (EOFException cut) {
      throw new TraceFormatException(
          file,
          lineNumber + 1,
          "the end of the compressed data in the middle",
          "a whole file; it is cut, copy it again");
    } catch (ZipException broken) {
      throw new TraceFormatException(
          file,
          lineNumber + 1,
          "damaged compressed data (" + broken.getMessage() + ")",
          "a whole file; copy it again");
    }
  }

  byte[] buffer() {
    return buffer;
  }

  /** Returns the index of the line's first byte. */
  int start() {
    return start;
  }

  /** Returns the index behind the line's last byte, where the newline is. */
  int end() {
    return end;
  }

  /** Returns the number of the current line, the first being 1. */
  long lineNumber() {
    return lineNumber;
  }

  TraceFormatException malformed(String expected) {
    return new TraceFormatException(
        file, lineNumber, TraceFormatException.quote(buffer, start, end), expected);
  }

  TraceFormatException wrong(String found, String expected) {
    return new TraceFormatException(file, lineNumber, found, expected);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
