package io.crij.runtime.sandbox;

import io.crij.linux.mount.MountEntry;
import io.crij.linux.mount.MountTable;
import io.crij.linux.mount.Mounts;
import io.crij.linux.mount.Propagation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A folder below which things are mounted.
 *
 * <p>Where it lies on a shared mount, as {@code /run} does under systemd, each mount below would
 * appear in every other mount namespace of the node. So the folder is made a mount of its own
 * there, which shares nothing.
 */
public record UnsharedFolder(Path path) {
  /** Makes the folder, for root alone, and unshared where its mount is shared. */
  public static UnsharedFolder open(Path path) {
    UnsharedFolder folder = new UnsharedFolder(path);
    try {
      Files.createDirectories(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new UncheckedIOException("make " + path + ": " + e.getMessage(), e);
    }
    if (folder.isShared()) {
      Mounts.bind(path, path, false);
      Mounts.setPropagation(path, Propagation.PRIVATE, false);
    }
    return folder;
  }

  private boolean isShared() {
    MountEntry holder = null;
    for (MountEntry entry : MountTable.read().entries()) {
      if (path.startsWith(entry.mountPoint())
          && (holder == null || entry.mountPoint().length() >= holder.mountPoint().length())) {
        holder = entry;
      }
    }
    return holder != null
        && holder.propagation().stream().anyMatch(field -> field.startsWith("shared:"));
  }

  /** Takes the folder's own mount away, if there is one; nothing may be mounted below. */
  public void share() {
    if (MountTable.read().find(path) != null) {
      Mounts.detach(path);
    }
  }
}
