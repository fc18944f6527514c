package io.crij.image.rootfs;

import io.crij.image.ImageException;
import io.crij.image.disk.PrivateFolder;
import io.crij.image.disk.Trash;
import io.crij.image.layer.FixupStore;
import io.crij.image.layer.LayerStore;
import io.crij.image.name.Digest;
import io.crij.image.records.Image;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.ImageRow;
import io.crij.image.records.RootfsRecords;
import io.crij.linux.LinuxException;
import io.crij.linux.mount.Mounts;
import io.crij.linux.mount.Overlay;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Mounts images for containers. The writable folder of a container is volatile: after a power cut
 * it is lost, as its container is.
 */
public final class Rootfs {
  private static final Pattern CONTAINER_ID = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
  private static final int MOST_MOUNTS = 16;

  private final Path containers;
  private final RootfsRecords users;
  private final ImageRecords images;
  private final LayerStore layers;
  private final FixupStore fixups;
  private final Trash trash;

  private Rootfs(
      Path containers,
      RootfsRecords users,
      ImageRecords images,
      LayerStore layers,
      FixupStore fixups,
      Trash trash) {
    this.containers = containers;
    this.users = users;
    this.images = images;
    this.layers = layers;
    this.fixups = fixups;
    this.trash = trash;
  }

  /** Where the image and its files are found. */
  public record Stores(
      ImageRecords images, LayerStore layers, FixupStore fixups, RootfsRecords users) {}

  /** Opens the containers below the store's root; folders of no recorded user are taken away. */
  public static Rootfs open(Path root, Stores stores, Trash trash) throws IOException {
    Path containers = PrivateFolder.create(root.resolve("containers"));
    Set<String> known = stores.users().containers();
    try (Stream<Path> there = Files.list(containers)) {
      there.filter(path -> !known.contains(path.getFileName().toString())).forEach(trash::take);
    }
    return new Rootfs(
        containers, stores.users(), stores.images(), stores.layers(), stores.fixups(), trash);
  }

  /**
   * Mounts an image for a container, writable. From now on, until {@link #remove}, the image cannot
   * be removed.
   *
   * @param mountPoint a folder that exists
   * @return {@code mountPoint}
   * @throws ImageException.NotFound when the image was removed
   * @throws ImageException.AlreadyExists when the container has a root file system
   */
  public Path mount(String containerId, Image image, Path mountPoint) {
    Path folder = folder(containerId);
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new ImageException.AlreadyExists("container " + containerId + " has files: " + folder);
    }
    if (!users.add(containerId, image.id())) {
      throw new ImageException.NotFound("image " + image.id() + " is not on this node");
    }
    boolean mounted = false;
    try {
      mountNew(folder, image, mountPoint);
      mounted = true;
      return mountPoint;
    } catch (IOException | LinuxException e) {
      throw new ImageException.Internal(
          "mount image " + image.id() + " at " + mountPoint + ": " + e.getMessage(), e);
    } finally {
      if (!mounted) {
        remove(containerId, mountPoint);
      }
    }
  }

  private void mountNew(Path folder, Image image, Path mountPoint) throws IOException {
    PrivateFolder.create(folder);
    Path upper = Files.createDirectory(folder.resolve("upper"));
    Path work = PrivateFolder.create(folder.resolve("work"));
    List<Path> lowers = lowers(image);
    if (lowers.isEmpty()) {
      // An image without layers is an empty folder.
      lowers = List.of(Files.createDirectory(folder.resolve("empty")));
    }
    likeRootOf(lowers.getFirst(), upper);
    Mounts.overlay(new Overlay(lowers, upper, work, true), mountPoint);
  }

  /**
   * From the topmost down. The kernel takes no folder twice: an upper one says all a lower does.
   */
  private List<Path> lowers(Image image) {
    Set<Path> lowers = new LinkedHashSet<>();
    ImageRow row = images.findById(image.id());
    if (row != null && row.hasFixup()) {
      lowers.add(fixups.diff(image.id()));
    }
    for (Digest diffId : image.diffIds().reversed()) {
      lowers.add(layers.folder(diffId).diff());
    }
    return new ArrayList<>(lowers);
  }

  /** What a container sees as its root has the attributes of the upper folder. */
  private static void likeRootOf(Path lower, Path upper) {
    try (Tree from = Tree.open(lower);
        Tree to = Tree.open(upper)) {
      Directory.setOwnerAndMode(to.root().fd(), from.root().stat().attributes());
    }
  }

  /** Unmounts what is mounted at {@code mountPoint}; success too when nothing is. */
  public void unmount(String containerId, Path mountPoint) {
    try {
      int mounts = 0;
      while (Mounts.detach(mountPoint)) {
        if (++mounts == MOST_MOUNTS) {
          throw new ImageException.Internal(
              "root file system of " + containerId + ": too many mounts at " + mountPoint);
        }
      }
    } catch (LinuxException e) {
      throw new ImageException.Internal(
          "unmount root file system of " + containerId + ": " + e.getMessage(), e);
    }
  }

  /** Unmounts and deletes a container's root file system; success too when there is none. */
  public void remove(String containerId, Path mountPoint) {
    Path folder = folder(containerId);
    unmount(containerId, mountPoint);
    trash.take(folder);
    users.remove(containerId);
  }

  /** The containers that have a root file system, mounted or not. */
  public Set<String> containers() {
    return users.containers();
  }

  private Path folder(String containerId) {
    if (!CONTAINER_ID.matcher(containerId).matches()) {
      throw new ImageException.InvalidArgument("not a container's id");
    }
    return containers.resolve(containerId);
  }
}
