package io.crij.runtime.sandbox;

import io.crij.linux.mount.MountEntry;
import io.crij.linux.mount.MountTable;
import io.crij.linux.mount.Mounts;
import io.crij.linux.mount.Propagation;
import io.crij.runtime.names.Ids;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * The folder of all sandboxes' folders.
 *
 * <p>Where the runroot lies on a shared mount, as {@code /run} does under systemd, each mount below
 * would appear in every other mount namespace of the node. So this folder is made a mount of its
 * own there, which shares nothing.
 */
public final class SandboxParent {
  private final Path runroot;
  private final Path path;

  private SandboxParent(Path runroot) {
    this.runroot = runroot;
    this.path = SandboxFolder.parent(runroot);
  }

  /** Makes the folder, private where its mount is shared. */
  public static SandboxParent open(Path runroot) {
    SandboxParent parent = new SandboxParent(runroot);
    try {
      Files.createDirectories(
          parent.path,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new UncheckedIOException("make " + parent.path + ": " + e.getMessage(), e);
    }
    if (parent.isShared()) {
      Mounts.bind(parent.path, parent.path, false);
      Mounts.setPropagation(parent.path, Propagation.PRIVATE, false);
    }
    return parent;
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

  /** The folders of sandboxes that are there. */
  public List<String> sandboxIds() {
    List<String> ids = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(path)) {
      for (Path folder : folders) {
        String name = folder.getFileName().toString();
        if (Ids.isId(name)) {
          ids.add(name);
        }
      }
    } catch (NoSuchFileException _) {
      return List.of(); // somebody has emptied the runroot
    } catch (IOException e) {
      throw new UncheckedIOException("list " + path + ": " + e.getMessage(), e);
    }
    return ids;
  }

  public SandboxFolder folder(String sandboxId) {
    return SandboxFolder.of(runroot, sandboxId);
  }

  /** Takes the mount away again if no sandbox is left that needs it. */
  public void close() {
    if (sandboxIds().isEmpty() && MountTable.read().find(path) != null) {
      Mounts.detach(path);
    }
  }
}
