package io.crij.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Files that are either whole or absent, also after a crash: temporary file, fsync, rename, fsync
 * of the folder.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /**
   * Replaces {@code path} with {@code content}.
   *
   * @param mode as in {@code rw-------}
   * @param durable also survives a power cut; without it a crash of the process only
   * @throws UncheckedIOException naming the path; the old file is then still there
   */
  public static void write(Path path, byte[] content, String mode, boolean durable) {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IllegalArgumentException("not a file's path: " + path);
    }
    Path temporary = folder.resolve("." + path.getFileName() + ".tmp");
    Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(mode);
    try {
      Files.deleteIfExists(temporary);
      try (FileChannel out =
          FileChannel.open(
              temporary,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(permissions))) {
        ByteBuffer buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
          out.write(buffer);
        }
        Files.setPosixFilePermissions(temporary, permissions);
        if (durable) {
          out.force(true);
        }
      }
      Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
      if (durable) {
        try (Fd parent = Fd.open(folder.toString(), Fd.O_RDONLY | Fd.O_DIRECTORY, 0)) {
          parent.sync();
        }
      }
    } catch (IOException e) {
      delete(temporary, e);
      throw new UncheckedIOException("write " + path + ": " + e.getMessage(), e);
    }
  }

  /** What was written in vain takes room, of which there may be none left. */
  private static void delete(Path temporary, IOException cause) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
