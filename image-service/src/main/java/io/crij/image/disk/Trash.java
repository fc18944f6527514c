package io.crij.image.disk;

import io.crij.linux.LinuxException;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Tree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes trees away at once and deletes them behind, one after the other: deleting a large layer
 * takes seconds. What a crash leaves is deleted at the next start.
 */
public final class Trash implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Trash.class);

  private final Path folder;
  private final ExecutorService deleter;

  private Trash(Path folder, ExecutorService deleter) {
    this.folder = folder;
    this.deleter = deleter;
  }

  /** Opens the trash in a folder, and begins to delete what is in it. */
  public static Trash open(Path folder) throws IOException {
    return open(
        folder,
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("image-trash").factory()));
  }

  /** Opens it with a deleter of a test. */
  static Trash open(Path folder, ExecutorService deleter) throws IOException {
    PrivateFolder.create(folder);
    Trash trash = new Trash(folder, deleter);
    try (Stream<Path> left = Files.list(folder)) {
      left.forEach(trash::deleteBehind);
    }
    return trash;
  }

  /**
   * Takes {@code path}, on the same file system, with all that is below it. Success too when it is
   * not there.
   */
  public void take(Path path) {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Path taken = folder.resolve(UUID.randomUUID().toString());
    try {
      Files.move(path, taken, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // A full disk may have no room for the new name.
      log.debug("delete {} in place: {}", path, e.getMessage());
      delete(path);
      return;
    }
    deleteBehind(taken);
  }

  private void deleteBehind(Path path) {
    try {
      deleter.execute(() -> {
        try {
          delete(path);
        } catch (LinuxException | UncheckedIOException e) {
          log.warn("cannot delete {}: {}", path, e.getMessage());
        }
      });
    } catch (RejectedExecutionException e) {
      log.debug("{} is deleted at the next start: {}", path, e.getMessage());
    }
  }

  private static void delete(Path path) {
    Path parent = path.getParent();
    Path name = path.getFileName();
    if (parent == null || name == null) {
      throw new IllegalArgumentException("not a path in a folder: " + path);
    }
    try (Tree tree = Tree.open(parent)) {
      tree.root().remove(Name.of(name.toString()));
    }
  }

  /** Stops after the tree being deleted. */
  @Override
  public void close() {
    deleter.shutdownNow();
    deleter.close();
  }
}
