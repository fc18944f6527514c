package io.crij.image.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Folders for root alone. */
public final class PrivateFolder {
  private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rwx------");

  private PrivateFolder() {}

  /** Makes it and the folders it is in; one that is there gets the mode 0700. */
  public static Path create(Path folder) throws IOException {
    Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(MODE));
    Files.setPosixFilePermissions(folder, MODE);
    return folder;
  }
}
