package io.crij.server;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The two directories of an instance, with their modes. */
final class Directories {
  private Directories() {}

  /**
   * Makes the directory, or gives one that is ours its mode. One that is not ours keeps its mode: a
   * mistyped {@code --runroot /var} must not lock others out of it.
   *
   * @param mode as in {@code rwx--x--x}
   */
  static void prepare(Path directory, String mode) {
    Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(mode);
    try {
      Files.createDirectories(directory);
      if (isOurs(directory)) {
        Files.setPosixFilePermissions(directory, permissions);
      }
      Set<PosixFilePermission> actual = Files.getPosixFilePermissions(directory);
      if (actual.contains(PosixFilePermission.GROUP_WRITE)
          || actual.contains(PosixFilePermission.OTHERS_WRITE)) {
        throw new StartException(
            StartException.Reason.FAILED,
            directory + " is writable by others; CRI-J needs a directory of its own");
      }
    } catch (IOException e) {
      throw new StartException("directory " + directory + ": " + e, e);
    }
  }

  private static boolean isOurs(Path directory) throws IOException {
    if (Files.exists(directory.resolve(InstanceLock.NAME))) {
      return true;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      return !entries.iterator().hasNext();
    }
  }
}
