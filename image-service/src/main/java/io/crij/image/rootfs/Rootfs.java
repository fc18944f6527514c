package io.crij.image.rootfs;

import io.crij.image.ImageException;
import io.crij.image.ImageServiceConfig;
import io.crij.image.disk.DiskFailure;
import io.crij.image.disk.PrivateFolder;
import io.crij.image.disk.Trash;
import io.crij.image.layer.FixupStore;
import io.crij.image.layer.Layer;
import io.crij.image.layer.LayerMounts;
import io.crij.image.layer.LayerStore;
import io.crij.image.name.Digest;
import io.crij.image.records.Image;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.ImageRow;
import io.crij.image.records.RootfsRecords;
import io.crij.linux.Fd;
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
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
  private final LayerMounts mounts;
  private final FixupStore fixups;
  private final Path mapped;
  private final Trash trash;

  private Rootfs(
      ImageServiceConfig config, Path containers, Stores stores, LayerMounts mounts, Trash trash) {
    this.containers = containers;
    this.mounts = mounts;
    this.trash = trash;
    this.users = stores.users();
    this.images = stores.images();
    this.layers = stores.layers();
    this.fixups = stores.fixups();
    this.mapped = config.runroot().resolve("mapped");
  }

  /** Where the image and its files are found. */
  public record Stores(
      ImageRecords images, LayerStore layers, FixupStore fixups, RootfsRecords users) {}

  /**
   * Opens the containers below the store's root; folders and layer mounts of no recorded user are
   * taken away.
   */
  public static Rootfs open(ImageServiceConfig config, Stores stores, Trash trash)
      throws IOException {
    Path containers = PrivateFolder.create(config.root().resolve("containers"));
    Map<String, Digest> recorded = stores.users().users();
    Set<String> known = recorded.keySet();
    Map<String, List<Layer>> holders = new HashMap<>();
    recorded.forEach((container, image) -> holders.put(container, stores.layers().ofImage(image)));
    LayerMounts mounts = LayerMounts.open(config.runroot(), holders);
    MappedLayers.clear(config.runroot().resolve("mapped"));
    try (Stream<Path> there = Files.list(containers)) {
      there.filter(path -> !known.contains(path.getFileName().toString())).forEach(trash::take);
    }
    return new Rootfs(config, containers, stores, mounts, trash);
  }

  /**
   * How a container sees the files of images.
   *
   * @param userNamespace open, not this process's own, that maps their owners: what belongs to 0
   *     belongs to the namespace's 0. Owners that it does not map show as nobody, and their files
   *     cannot be changed; null: owners are as they are
   * @param label of SELinux that all files have; empty: none
   */
  public record View(@Nullable Fd userNamespace, String label) {
    /** As they are. */
    public static final View PLAIN = new View(null, "");
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
    return mount(containerId, image, mountPoint, View.PLAIN);
  }

  /** {@link #mount(String, Image, Path)} for a container that sees the image its own way. */
  public Path mount(String containerId, Image image, Path mountPoint, View view) {
    Path folder = folder(containerId);
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new ImageException.AlreadyExists("container " + containerId + " has files: " + folder);
    }
    if (!users.add(containerId, image.id())) {
      throw new ImageException.NotFound("image " + image.id() + " is not on this node");
    }
    boolean mounted = false;
    try {
      mountNew(containerId, image, mountPoint, view);
      mounted = true;
      return mountPoint;
    } catch (IOException e) {
      throw DiskFailure.of(subject(image, mountPoint), e);
    } catch (LinuxException e) {
      throw DiskFailure.of(subject(image, mountPoint), e);
    } finally {
      if (!mounted) {
        remove(containerId, mountPoint);
      }
    }
  }

  private static String subject(Image image, Path mountPoint) {
    return "mount image " + image.id() + " at " + mountPoint;
  }

  private void mountNew(String containerId, Image image, Path mountPoint, View view)
      throws IOException {
    Path folder = PrivateFolder.create(folder(containerId));
    Path upper = Files.createDirectory(folder.resolve("upper"));
    Path work = PrivateFolder.create(folder.resolve("work"));
    List<Path> lowers = lowers(containerId, image.id());
    if (lowers.isEmpty()) {
      // An image without layers is an empty folder.
      lowers = List.of(Files.createDirectory(folder.resolve("empty")));
    }
    if (view.userNamespace() == null) {
      mount(new Overlay(lowers, upper, work, true, view.label()), upper, mountPoint);
      return;
    }
    try (MappedLayers seen =
        MappedLayers.mount(lowers, view.userNamespace(), mapped.resolve(containerId))) {
      mount(new Overlay(seen.paths(), upper, work, true, view.label()), upper, mountPoint);
    }
  }

  private static void mount(Overlay overlay, Path upper, Path mountPoint) {
    likeRootOf(overlay.lowers().getFirst(), upper);
    Mounts.overlay(overlay, mountPoint);
  }

  /**
   * Mounts an image as it is, read-only.
   *
   * @param empty an empty folder, which an image of less than two layers needs below it
   */
  public void mountReadOnly(Digest image, Path empty, Path mountPoint, View view)
      throws IOException {
    // The overlay has mounts of its own once it is there.
    String user = "image-" + UUID.randomUUID();
    try {
      List<Path> lowers = lowers(user, image);
      lowers.add(empty);
      if (view.userNamespace() == null) {
        Mounts.overlay(Overlay.readOnly(lowers, view.label()), mountPoint);
        return;
      }
      try (MappedLayers seen =
          MappedLayers.mount(lowers, view.userNamespace(), mapped.resolve(user))) {
        Mounts.overlay(Overlay.readOnly(seen.paths(), view.label()), mountPoint);
      }
    } finally {
      mounts.release(user);
    }
  }

  /**
   * The layers of an image from the topmost down. The kernel takes no folder twice: an upper one
   * says all a lower does.
   */
  private List<Path> lowers(String user, Digest image) throws IOException {
    Set<Path> lowers = new LinkedHashSet<>();
    ImageRow row = images.findById(image);
    if (row != null && row.hasFixup()) {
      lowers.add(fixups.diff(row));
    }
    lowers.addAll(mounts.hold(user, layers.wholeOfImage(image)).reversed());
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
      int detached = 0;
      while (Mounts.detach(mountPoint)) {
        if (++detached == MOST_MOUNTS) {
          throw new ImageException.Internal(
              "root file system of " + containerId + ": too many mounts at " + mountPoint);
        }
      }
      mounts.release(containerId);
    } catch (IOException | LinuxException e) {
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
    return users.users().keySet();
  }

  private Path folder(String containerId) {
    if (!CONTAINER_ID.matcher(containerId).matches()) {
      throw new ImageException.InvalidArgument("not a container's id");
    }
    return containers.resolve(containerId);
  }
}
