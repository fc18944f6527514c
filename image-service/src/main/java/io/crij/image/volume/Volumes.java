package io.crij.image.volume;

import io.crij.image.ImageException;
import io.crij.image.catalog.ImageCatalog;
import io.crij.image.disk.PrivateFolder;
import io.crij.image.name.Quoted;
import io.crij.image.records.Image;
import io.crij.image.records.VolumeRecords;
import io.crij.image.rootfs.Rootfs;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.mount.MountFlag;
import io.crij.linux.mount.Mounts;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Mounts images and artifacts as volumes. A container's volumes are below one folder of its own:
 * {@code <position>/whole} has all of an image, {@code <position>/shown} what the container is to
 * see. While a container has a volume, its image cannot be removed.
 */
public final class Volumes {
  private static final Set<MountFlag> FLAGS =
      Set.of(MountFlag.READ_ONLY, MountFlag.NOSUID, MountFlag.NODEV, MountFlag.NOEXEC);
  private static final String WHOLE = "whole";
  private static final String SHOWN = "shown";
  private static final String EMPTY = "empty";

  private final ImageCatalog catalog;
  private final VolumeRecords records;
  private final VolumeContents contents;

  public Volumes(ImageCatalog catalog, VolumeRecords records, VolumeContents contents) {
    this.catalog = catalog;
    this.records = records;
    this.contents = contents;
  }

  /**
   * Of which image a volume would be: a repo digest of it, or its id if it has none.
   *
   * @throws ImageException.NotFound when it is not here
   */
  public String reference(String image) {
    ImageCatalog.Found found = catalog.find(image);
    if (found == null) {
      throw new ImageException.NotFound("image " + image + " is not on this node");
    }
    List<String> digests = found.image().repoDigests();
    return digests.isEmpty() ? Image.shownId(found.image().id()) : digests.getFirst();
  }

  /**
   * One volume of a container.
   *
   * @param folder of all volumes of the container; made if it is not there
   * @param position among them
   * @param subPath what of the image is shown; empty for all of it
   */
  public record Request(
      String containerId, Path folder, int position, String image, String subPath) {}

  /**
   * Mounts it, read-only and without devices and programs.
   *
   * @return what is to be shown in the container, a folder or a file
   * @throws ImageException.NotFound when the image, or the sub path in it, is not there
   * @throws ImageException.InvalidArgument when the sub path leads out of the image
   */
  public Path mount(Request request) {
    return mount(request, Rootfs.View.PLAIN);
  }

  /** {@link #mount(Request)} for a container that sees the image its own way. */
  public Path mount(Request request, Rootfs.View view) {
    ImageCatalog.Found found = catalog.find(request.image());
    if (found == null
        || !records.add(request.containerId(), request.position(), found.image().id())) {
      throw new ImageException.NotFound("image " + request.image() + " is not on this node");
    }
    Path folder = request.folder().resolve(Integer.toString(request.position()));
    boolean mounted = false;
    try {
      PrivateFolder.create(folder);
      Path whole = PrivateFolder.create(folder.resolve(WHOLE));
      Path empty = PrivateFolder.create(folder.resolve(EMPTY));
      contents.mount(found.image(), empty, whole, FLAGS, view);
      Path shown = request.subPath().isEmpty() ? whole : showPart(request, folder);
      mounted = true;
      return shown;
    } catch (IOException | LinuxException e) {
      throw new ImageException.Internal(
          "mount image " + request.image() + " as a volume: " + e.getMessage(), e);
    } finally {
      if (!mounted) {
        take(request.containerId(), request.folder(), request.position());
      }
    }
  }

  /** Links of the image are followed, but end below it. */
  private static Path showPart(Request request, Path folder) throws IOException {
    BytePath path = subPath(request.subPath());
    Path shown = folder.resolve(SHOWN);
    try (Tree tree = Tree.open(folder.resolve(WHOLE));
        Fd part = tree.open(path, Fd.O_PATH)) {
      Path source = Path.of(part.procPath());
      if (Files.isDirectory(source)) {
        PrivateFolder.create(shown);
      } else if (Files.isRegularFile(source)) {
        Files.createFile(shown);
      } else {
        throw new ImageException.InvalidArgument(
            "sub path " + Quoted.of(request.subPath()) + " is neither a folder nor a file");
      }
      Mounts.bind(source, shown, false, FLAGS);
      return shown;
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
        throw new ImageException.NotFound(
            "sub path %s does not exist in image volume %s"
                .formatted(Quoted.of(request.subPath()), request.image()),
            e);
      }
      throw e;
    }
  }

  private static BytePath subPath(String text) {
    if (text.startsWith("/") || text.indexOf('\0') >= 0 || text.length() > BytePath.MAX_BYTES) {
      throw new ImageException.InvalidArgument("sub path is not relative: " + Quoted.of(text));
    }
    for (String part : text.split("/", -1)) {
      if (part.equals("..")) {
        throw new ImageException.InvalidArgument("sub path leads up: " + Quoted.of(text));
      }
    }
    return BytePath.of(text);
  }

  /** Takes all volumes of a container away; success too when there are none. */
  public void remove(String containerId, Path folder) {
    try {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> volumes = Files.list(folder)) {
          for (Path volume : volumes.toList()) {
            unmount(volume);
          }
        }
        Files.delete(folder);
      }
      for (int position : records.positions(containerId)) {
        records.remove(containerId, position);
      }
    } catch (IOException | LinuxException e) {
      throw new ImageException.Internal(
          "volumes of container " + containerId + ": " + e.getMessage(), e);
    }
  }

  private void take(String containerId, Path folder, int position) {
    try {
      unmount(folder.resolve(Integer.toString(position)));
      records.remove(containerId, position);
    } catch (IOException | LinuxException e) {
      throw new ImageException.Internal(
          "volume of container " + containerId + ": " + e.getMessage(), e);
    }
  }

  private static void unmount(Path volume) throws IOException {
    for (String name : new String[] {SHOWN, WHOLE, EMPTY}) {
      Path point = volume.resolve(name);
      while (Mounts.detach(point)) {
        // It may have been mounted twice, by a try that was cut short.
      }
      Files.deleteIfExists(point);
    }
    Files.deleteIfExists(volume);
  }
}
