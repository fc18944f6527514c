package io.crij.image.rootfs;

import io.crij.image.disk.PrivateFolder;
import io.crij.linux.Fd;
import io.crij.linux.mount.MountEntry;
import io.crij.linux.mount.MountTable;
import io.crij.linux.mount.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Layers with their owners mapped, mounted for as long as an overlay takes to be mounted over them:
 * it keeps mounts of its own. Before Linux 6.15 an overlay takes no folder of a mount that is
 * nowhere, so these are somewhere.
 */
final class MappedLayers implements AutoCloseable {
  private final Path folder;
  private final List<Path> paths = new ArrayList<>();

  private MappedLayers(Path folder) {
    this.folder = folder;
  }

  /**
   * Mounts layers.
   *
   * @param folder nobody else's; made here
   */
  static MappedLayers mount(List<Path> layers, Fd userNamespace, Path folder) throws IOException {
    MappedLayers mapped = new MappedLayers(PrivateFolder.create(folder));
    boolean mounted = false;
    try {
      for (Path layer : layers) {
        Path point = Files.createDirectory(folder.resolve(Integer.toString(mapped.paths.size())));
        Mounts.bindMapped(layer, userNamespace, point);
        mapped.paths.add(point);
      }
      mounted = true;
      return mapped;
    } finally {
      if (!mounted) {
        mapped.close();
      }
    }
  }

  /** In the order of the layers. */
  List<Path> paths() {
    return List.copyOf(paths);
  }

  @Override
  public void close() throws IOException {
    remove(folder);
  }

  /** Takes away what a crash left, below the folder of all of them. */
  static void clear(Path parent) throws IOException {
    if (!Files.isDirectory(parent)) {
      return;
    }
    for (MountEntry entry : MountTable.read().below(parent)) {
      Mounts.detach(Path.of(entry.mountPoint()));
    }
    for (Path folder : list(parent)) {
      remove(folder);
    }
  }

  private static void remove(Path folder) throws IOException {
    for (Path point : list(folder)) {
      Mounts.detach(point);
      Files.delete(point);
    }
    Files.delete(folder);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> there = Files.list(folder)) {
      return there.toList();
    }
  }
}
