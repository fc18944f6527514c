package io.crij.image.layer;

import io.crij.image.disk.PrivateFolder;
import io.crij.linux.Fd;
import io.crij.linux.mount.MountEntry;
import io.crij.linux.mount.MountTable;
import io.crij.linux.mount.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mounts of EROFS layers that containers use: one for each layer, because two mounts of a file
 * share no page cache, and none for a layer that nobody uses. They survive this process, and are
 * found again in the mount table.
 */
public final class LayerMounts {
  private static final Logger log = LoggerFactory.getLogger(LayerMounts.class);

  private final Path folder;
  private final ReentrantLock lock = new ReentrantLock();

  /** Mount points by their users. */
  private final Map<String, Set<Path>> held = new HashMap<>();

  private LayerMounts(Path folder) {
    this.folder = folder;
  }

  /**
   * Takes up the mounts of an earlier process, and takes away those of nobody.
   *
   * @param runroot below which they are
   * @param users all that use layers, and which
   */
  public static LayerMounts open(Path runroot, Map<String, List<Layer>> users) throws IOException {
    LayerMounts mounts = new LayerMounts(PrivateFolder.create(runroot.resolve("layers")));
    Set<Path> needed = new HashSet<>();
    users.forEach((user, layers) -> {
      Set<Path> points = mounts.points(layers);
      mounts.held.put(user, points);
      needed.addAll(points);
    });
    for (MountEntry entry : MountTable.read().below(mounts.folder)) {
      Path point = Path.of(entry.mountPoint());
      if (!needed.contains(point)) {
        log.info("unmount layer {}, which nothing uses", point.getFileName());
        unmount(point);
      }
    }
    return mounts;
  }

  private Set<Path> points(List<Layer> layers) {
    Set<Path> points = new HashSet<>();
    for (Layer layer : layers) {
      if (layer instanceof Layer.OfErofs erofs) {
        points.add(point(erofs));
      }
    }
    return points;
  }

  private Path point(Layer.OfErofs layer) {
    return folder.resolve(layer.files().path().getFileName());
  }

  /**
   * Mounts the layers that are not yet, and keeps them mounted until {@link #release}.
   *
   * @return the files of each layer, as overlayfs takes them
   */
  public List<Path> hold(String user, List<Layer> layers) throws IOException {
    lock.lock();
    try {
      held.put(user, points(layers));
      List<Path> files = new ArrayList<>();
      for (Layer layer : layers) {
        files.add(
            switch (layer) {
              case Layer.OfDirectory directory -> directory.files().diff();
              case Layer.OfErofs erofs -> mounted(erofs);
            });
      }
      return files;
    } finally {
      lock.unlock();
    }
  }

  private Path mounted(Layer.OfErofs layer) throws IOException {
    Path point = point(layer);
    if (!Files.isDirectory(point)) {
      PrivateFolder.create(point);
    }
    if (!isMounted(point)) {
      try (Fd mount = layer.mount()) {
        Mounts.attach(mount, point);
      }
    }
    return point;
  }

  /** A mount has a device of its own. */
  private boolean isMounted(Path point) throws IOException {
    return !Files.getAttribute(point, "unix:dev").equals(Files.getAttribute(folder, "unix:dev"));
  }

  /** Unmounts the layers that nobody else uses; success too when the user holds none. */
  public void release(String user) throws IOException {
    lock.lock();
    try {
      Set<Path> points = held.remove(user);
      if (points == null) {
        return;
      }
      Set<Path> left = new HashSet<>(points);
      for (Set<Path> others : held.values()) {
        left.removeAll(others);
      }
      for (Path point : left) {
        unmount(point);
      }
    } finally {
      lock.unlock();
    }
  }

  private static void unmount(Path point) throws IOException {
    while (Mounts.detach(point)) {
      // What was mounted over it is gone; it may have been mounted twice.
    }
    Files.deleteIfExists(point);
  }
}
