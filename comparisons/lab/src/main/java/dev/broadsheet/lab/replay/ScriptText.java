package dev.broadsheet.lab.replay;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The lines of a script file, plain or gzip, as its content says.
 *
 * @param file how messages name it
 * @param lines without line ends
 */
record ScriptText(String file, List<String> lines) {
  private static final int GZIP_FIRST = 0x1f;
  private static final int GZIP_SECOND = 0x8b;

  static ScriptText read(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return read(path.toString(), in);
    }
  }

  static ScriptText read(String file, InputStream in) throws IOException {
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(unpacked(in), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (EOFException | ZipException e) {
      throw new ScriptFormatException(
          file, lines.size() + 1L, "damaged gzip data", "a whole gzip file; copy it again");
    }
    if (lines.isEmpty()) {
      throw new ScriptFormatException(file, 1, "nothing", "a script");
    }
    return new ScriptText(file, lines);
  }

  private static InputStream unpacked(InputStream in) throws IOException {
    PushbackInputStream ahead = new PushbackInputStream(in, 2);
    byte[] magic = ahead.readNBytes(2);
    ahead.unread(magic);
    boolean gzip =
        magic.length == 2 && (magic[0] & 0xff) == GZIP_FIRST && (magic[1] & 0xff) == GZIP_SECOND;
    return gzip ? new GZIPInputStream(ahead, 1 << 16) : ahead;
  }
}
