package dev.broadsheet.lab.report;

import dev.broadsheet.lab.trace.TraceFormatException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * Outputs that are either whole or not there: written beside their place and moved into it at the
 * end. An interrupt, an error or a full disk leaves what was there before.
 */
public final class AtomicOutput {
  /** Writes a file's content. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of it; the caller closes the stream. */
    void writeTo(OutputStream out) throws IOException;
  }

  private AtomicOutput() {}

  /** Writes one file; its folder must exist. */
  public static void file(Path target, Content content) throws IOException {
    if (Files.isDirectory(target)) {
      throw new FileSystemException(target.toString(), null, "is a folder; a file is written here");
    }
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new FileSystemException(target.toString(), null, "its folder does not exist");
    }
    Path beside = partOf(folder, target);
    Runnable cleaner = () -> deleteQuietly(beside);
    try (Cleanup cleanup = Cleanup.onExit(cleaner)) {
      write(beside, content);
      Files.move(
          beside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      cleanup.disarm();
    }
  }

  /**
   * Checks that a folder could be written, without leaving a trace: before the long work begins.
   *
   * @throws IOException if the place is a file, or nothing can be created there
   */
  public static void requireFolder(Path target) throws IOException {
    if (Files.exists(target) && !Files.isDirectory(target)) {
      throw new FileSystemException(
          target.toString(), null, "is a file, but the report is a folder");
    }
    Path parent = existingParent(target);
    if (!Files.isDirectory(parent)) {
      throw new FileSystemException(
          target.toString(), null, "lies in %s, which is a file".formatted(parent));
    }
    if (!Files.isWritable(parent)) {
      throw new FileSystemException(target.toString(), null, "nothing can be created here");
    }
  }

  private static Path existingParent(Path target) throws IOException {
    Path folder = target.toAbsolutePath().normalize().getParent();
    while (folder != null && !Files.exists(folder)) {
      folder = folder.getParent();
    }
    if (folder == null) {
      throw new FileSystemException(target.toString(), null, "it cannot be a report's place");
    }
    return folder;
  }

  /**
   * Writes several files into a folder: all of them are complete before the first is moved into
   * place. Files of other names that are in the folder stay.
   */
  public static void folder(Path target, Map<String, Content> files) throws IOException {
    requireFolder(target);
    Path parent = target.toAbsolutePath().normalize().getParent();
    if (parent == null) {
      throw new FileAlreadyExistsException(target.toString());
    }
    Files.createDirectories(parent);
    Path beside = partOf(parent, target);
    Files.createDirectory(beside);
    try (Cleanup cleanup = Cleanup.onExit(() -> deleteQuietly(beside))) {
      for (Map.Entry<String, Content> file : files.entrySet()) {
        write(beside.resolve(file.getKey()), file.getValue());
      }
      if (!Files.exists(target)) {
        Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
        cleanup.disarm();
        return;
      }
      for (String name : files.keySet()) {
        Files.move(
            beside.resolve(name),
            target.resolve(name),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /** Not a temporary file of the JDK: those cannot be read by others, also when moved. */
  private static Path partOf(Path folder, Path target) {
    return folder.resolve(
        "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".part");
  }

  private static void write(Path file, Content content) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      content.writeTo(out);
    } catch (FileSystemException | TraceFormatException e) {
      throw e;
    } catch (IOException e) {
      throw new FileSystemException(file.toString(), null, "cannot be written: " + e.getMessage());
    }
  }

  private static void deleteQuietly(Path path) {
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

  /** Runs an action at the end of a block, or when the program is interrupted inside it. */
  private static final class Cleanup implements AutoCloseable {
    private final Runnable action;
    private final Thread hook;
    private boolean armed = true;

    private Cleanup(Runnable action) {
      this.action = action;
      hook = new Thread(action, "broadsheet-cleanup");
    }

    static Cleanup onExit(Runnable action) {
      Cleanup cleanup = new Cleanup(action);
      Runtime.getRuntime().addShutdownHook(cleanup.hook);
      return cleanup;
    }

    void disarm() {
      armed = false;
    }

    @Override
    public void close() {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException goingDown) {
        return; // the hook runs by itself
      }
      if (armed) {
        action.run();
      }
    }
  }
}
