package dev.broadsheet.lab.report;

import dev.broadsheet.lab.report.AtomicOutput.Content;
import dev.broadsheet.lab.trace.TraceFormatException;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file or folder on its way to its place. It is deleted when the block that writes it ends, and
 * when the program is interrupted inside that block.
 *
 * <p>An interrupt runs the exit hook while the writer goes on. The hook asks the writer to stop,
 * and waits for it: what is being moved into place is moved whole, and nothing is created behind
 * the hook's back.
 */
final class Part implements AutoCloseable {
  private static final long PATIENCE_MILLIS = 3000;

  /** Moves what was written into its place. */
  @FunctionalInterface
  interface Move {
    void run() throws IOException;
  }

  private final Path path;
  private final Thread hook = new Thread(this::interrupted, "broadsheet-cleanup");

  /** Held while files are created or moved; the hook deletes under it. */
  private final ReentrantLock busy = new ReentrantLock();

  private volatile boolean isStopping;

  private Part(Path path) {
    this.path = path;
  }

  /** Begins one; nothing is created yet. */
  static Part of(Path path) {
    Part part = new Part(path);
    try {
      Runtime.getRuntime().addShutdownHook(part.hook);
    } catch (IllegalStateException goingDown) {
      part.isStopping = true; // interrupted before anything was written
    }
    return part;
  }

  Path path() {
    return path;
  }

  /** Writes one file of it. */
  void write(Path file, Content content) throws IOException {
    busy.lock();
    try {
      requireGoing();
      try (OutputStream out = new Stoppable(Files.newOutputStream(file))) {
        content.writeTo(out);
      }
    } catch (FileSystemException | TraceFormatException | InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw new FileSystemException(file.toString(), null, "cannot be written: " + e.getMessage());
    } finally {
      busy.unlock();
    }
  }

  /** Moves it into its place: wholly, or not at all. */
  void moveInto(Move move) throws IOException {
    busy.lock();
    try {
      requireGoing();
      move.run();
    } finally {
      busy.unlock();
    }
  }

  private void requireGoing() throws InterruptedIOException {
    if (isStopping) {
      throw new InterruptedIOException("interrupted; nothing was written");
    }
  }

  private void interrupted() {
    isStopping = true;
    try {
      if (busy.tryLock(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
        try {
          deleteQuietly();
        } finally {
          busy.unlock();
        }
      } else {
        deleteQuietly(); // the writer hangs in the file system: what can be deleted is deleted
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void deleteQuietly() {
    try {
      if (Files.isDirectory(path)) {
        try (DirectoryStream<Path> inside = Files.newDirectoryStream(path)) {
          for (Path file : inside) {
            Files.deleteIfExists(file);
          }
        }
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // Nothing depends on it: the name begins with a dot and says that it is a part.
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException goingDown) {
      return; // the hook runs by itself
    }
    deleteQuietly();
  }

  /** Output that ends with an error when the program is interrupted. */
  private final class Stoppable extends FilterOutputStream {
    Stoppable(OutputStream out) {
      super(new BufferedOutputStream(out, 64 * 1024));
    }

    @Override
    public void write(int octet) throws IOException {
      requireGoing();
      out.write(octet);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      requireGoing();
      out.write(bytes, from, length);
    }
  }
}
