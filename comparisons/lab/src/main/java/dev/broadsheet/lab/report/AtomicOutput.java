package dev.broadsheet.lab.report;

import java.io.IOException;
import java.io.OutputStream;
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
    try (Part part = Part.of(partOf(folder, target))) {
      part.write(part.path(), content);
      part.moveInto(
          () ->
              Files.move(
                  part.path(),
                  target,
                  StandardCopyOption.ATOMIC_MOVE,
                  StandardCopyOption.REPLACE_EXISTING));
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
    try (Part part = Part.of(partOf(parent, target))) {
      Files.createDirectory(part.path());
      for (Map.Entry<String, Content> file : files.entrySet()) {
        part.write(part.path().resolve(file.getKey()), file.getValue());
      }
      part.moveInto(
          () -> {
            if (!Files.exists(target)) {
              Files.move(part.path(), target, StandardCopyOption.ATOMIC_MOVE);
              return;
            }
            for (String name : files.keySet()) {
              Files.move(
                  part.path().resolve(name),
                  target.resolve(name),
                  StandardCopyOption.ATOMIC_MOVE,
                  StandardCopyOption.REPLACE_EXISTING);
            }
          });
    }
  }

  /** Not a temporary file of the JDK: those cannot be read by others, also when moved. */
  private static Path partOf(Path folder, Path target) {
    return folder.resolve(
        "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".part");
  }
}
