package dev.broadsheet.lab.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A trace in a file. */
public final class TraceFile implements Trace {
  private final Path path;

  /** Names a file, which need not exist yet. */
  public TraceFile(Path path) {
    this.path = path;
  }

  @Override
  public String title() {
    return path.toString();
  }

  @Override
  public EventStream open() throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    if (Files.isDirectory(path)) {
      throw new TraceFormatException(path.toString(), 0, "a folder", "a trace file");
    }
    return TraceReader.open(path.toString(), Files.newInputStream(path));
  }
}
