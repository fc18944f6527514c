package io.crij.image.layer;

import io.crij.image.disk.PrivateFolder;
import io.crij.image.disk.Trash;
import io.crij.image.name.Digest;
import io.crij.image.records.ImageRow;
import io.crij.linux.Fd;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.Tree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Layers of our own that are stacked on top of an image whose layers only imply folders which a
 * layer further down describes: overlayfs would show the attributes of the topmost, which nobody
 * chose. Few images need one.
 */
public final class FixupStore {
  private static final String FOLDER = "fixups";

  private final Path folder;
  private final Trash trash;
  private final ReentrantLock lock = new ReentrantLock();

  private FixupStore(Path folder, Trash trash) {
    this.folder = folder;
    this.trash = trash;
  }

  public static FixupStore open(Path root, Trash trash) throws IOException {
    return new FixupStore(PrivateFolder.create(root.resolve(FOLDER)), trash);
  }

  /** Takes away all corrections but those of these images. */
  public void retain(Set<Digest> images) throws IOException {
    Set<String> known = images.stream().map(Digest::hex).collect(Collectors.toSet());
    lock.lock();
    try (Stream<Path> there = Files.list(folder)) {
      there.filter(path -> !known.contains(path.getFileName().toString())).forEach(trash::take);
    } finally {
      lock.unlock();
    }
  }

  /** The files of an image's correction, as overlayfs takes them. */
  public Path diff(ImageRow image) {
    return image.isOwn()
        ? folder.resolve(image.id().hex()).resolve("diff")
        : inStore(Path.of(image.store()), image.id());
  }

  /** Where an additional store has an image's correction. */
  public static Path inStore(Path store, Digest image) {
    return store.resolve(FOLDER).resolve(image.hex()).resolve("diff");
  }

  /**
   * Makes the correction of an image if it needs one; it is then on the disk.
   *
   * @param layers lowest first
   */
  public boolean make(Digest image, List<Layer> layers) throws IOException {
    lock.lock();
    try (LayerStack stack = LayerStack.open(layers)) {
      if (Files.isDirectory(folder.resolve(image.hex()))) {
        return true;
      }
      Set<BytePath> paths = stack.misshown();
      if (!paths.isEmpty()) {
        make(image, paths, stack);
      }
      return !paths.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private void make(Digest image, Set<BytePath> paths, LayerStack stack) throws IOException {
    Path made = folder.resolve(".new-" + UUID.randomUUID());
    try {
      fill(made, paths, stack);
      Files.move(made, folder.resolve(image.hex()), StandardCopyOption.ATOMIC_MOVE);
      try (Fd parent = Fd.open(folder.toString(), Fd.O_RDONLY | Fd.O_DIRECTORY, 0)) {
        parent.sync();
      }
    } finally {
      trash.take(made);
    }
  }

  private static void fill(Path made, Set<BytePath> paths, LayerStack stack) throws IOException {
    PrivateFolder.create(made);
    try (Tree diff = Tree.open(Files.createDirectory(made.resolve("diff")))) {
      List<BytePath> described = new ArrayList<>();
      described.add(BytePath.ROOT);
      for (BytePath path : paths) {
        diff.makeDirectories(path, described::add).close();
      }
      // Innermost first, because making an entry changes the times of its folder.
      for (BytePath path : described.reversed()) {
        StackedFolder meant = stack.meant(path);
        if (meant != null) {
          apply(meant, diff, path);
        }
      }
      diff.root().syncFileSystem();
    }
  }

  private static void apply(StackedFolder meant, Tree diff, BytePath path) {
    if (path.isRoot()) {
      meant.applyTo(diff.root());
      return;
    }
    try (Directory directory = diff.directory(path)) {
      meant.applyTo(directory);
    }
  }
}
