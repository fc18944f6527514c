package io.crij.runtime.oci.rootfs;

import io.crij.linux.LinuxException;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.Tree;
import io.crij.runtime.ServiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Volumes that an image declares: folders its program expects (OCI image-spec, config.md,
 * "Volumes"). They are made in the container's own writable layer, as CRI-O does by default; what a
 * pod wants to keep, it mounts.
 */
public final class ImageVolumes {
  private static final int COUNT_LIMIT = 256;

  // Where the OCI runtime mounts: a folder there would be hidden, or in its way (CVE-2019-16884).
  private static final List<Path> NOT_THERE =
      List.of(Path.of("/proc"), Path.of("/sys"), Path.of("/dev"));

  private ImageVolumes() {}

  /**
   * Makes the folders that are missing, below the root whatever links lead to.
   *
   * @param owner of the folders, with the node's ids
   * @throws ServiceException.InvalidArgument when one cannot be made
   */
  public static void make(Tree rootfs, Collection<String> volumes, ContainerIdentity owner) {
    if (volumes.size() > COUNT_LIMIT) {
      throw new ServiceException.InvalidArgument(
          "image: declares more than " + COUNT_LIMIT + " volumes");
    }
    for (String volume : volumes) {
      try {
        Path path = Path.of("/").resolve(volume).normalize();
        if (path.getNameCount() > 0 && NOT_THERE.stream().noneMatch(path::startsWith)) {
          make(rootfs, path, owner);
        }
      } catch (IOException | LinuxException | IllegalArgumentException e) {
        throw new ServiceException.InvalidArgument(
            "image: volume " + volume + " cannot be made: " + e.getMessage(), e);
      }
    }
  }

  private static void make(Tree rootfs, Path path, ContainerIdentity owner) throws IOException {
    List<BytePath> folders = new ArrayList<>();
    rootfs.makeDirectories(BytePath.of(path.toString()), folders::add).close();
    for (BytePath folder : folders) {
      try (Directory open = rootfs.directory(folder)) {
        Path made = Path.of(open.fd().procPath());
        Files.setAttribute(made, "unix:uid", (int) owner.uid());
        Files.setAttribute(made, "unix:gid", (int) owner.gid());
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
  }
}
