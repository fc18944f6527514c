package io.crij.image.content;

import io.crij.image.ImageException;
import io.crij.image.disk.PrivateFolder;
import io.crij.image.disk.Trash;
import io.crij.image.name.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The files of artifacts under their names, in a folder for each: more names of the blobs, so they
 * take no space of their own. Made again when they are not there, so nothing is lost with them.
 */
public final class ArtifactTrees {
  private static final String FOLDER = "artifacts";

  private final Path folder;
  private final ContentStore content;
  private final Trash trash;
  private final ReentrantLock lock = new ReentrantLock();

  private ArtifactTrees(Path folder, ContentStore content, Trash trash) {
    this.folder = folder;
    this.content = content;
    this.trash = trash;
  }

  /** Opens the folder, which is on the file system of the blobs. */
  public static ArtifactTrees open(Path root, ContentStore content, Trash trash)
      throws IOException {
    Path folder = PrivateFolder.create(root.resolve(FOLDER));
    return new ArtifactTrees(folder, content, trash);
  }

  /**
   * The files of an artifact; made if they are not there, or are not its blobs any more.
   *
   * @param files blobs by their paths below the folder
   */
  public Path make(Digest artifact, Map<String, Digest> files) throws IOException {
    Path tree = folder.resolve(artifact.hex());
    lock.lock();
    try {
      if (!isMade(tree, files)) {
        Path made = folder.resolve(".new-" + UUID.randomUUID());
        try {
          fill(made, files);
          trash.take(tree);
          Files.move(made, tree, StandardCopyOption.ATOMIC_MOVE);
        } finally {
          trash.take(made);
        }
      }
      return tree;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The files of an artifact that an additional store has.
   *
   * @throws ImageException.Internal when that store does not have all of them
   */
  public Path inStore(Path store, Digest artifact, Map<String, Digest> files) throws IOException {
    Path tree = store.resolve(FOLDER).resolve(artifact.hex());
    if (!isMade(tree, files)) {
      throw new ImageException.Internal("artifact " + tree + " is damaged");
    }
    return tree;
  }

  private boolean isMade(Path tree, Map<String, Digest> files) throws IOException {
    if (!Files.isDirectory(tree)) {
      return false;
    }
    for (Map.Entry<String, Digest> file : files.entrySet()) {
      Path path = tree.resolve(file.getKey());
      if (!Files.exists(path) || !Files.isSameFile(path, content.readable(file.getValue()))) {
        return false;
      }
    }
    return true;
  }

  private void fill(Path made, Map<String, Digest> files) throws IOException {
    createFolder(made);
    for (Map.Entry<String, Digest> file : files.entrySet()) {
      Path path = made;
      String[] parts = file.getKey().split("/", -1);
      for (int i = 0; i < parts.length - 1; i++) {
        path = path.resolve(parts[i]);
        if (!Files.isDirectory(path)) {
          createFolder(path);
        }
      }
      Path blob = content.path(file.getValue());
      // For containers' users; nobody else gets here.
      Files.setPosixFilePermissions(blob, PosixFilePermissions.fromString("r--r--r--"));
      Files.createLink(path.resolve(parts[parts.length - 1]), blob);
    }
  }

  private static void createFolder(Path path) throws IOException {
    Files.createDirectory(path);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Takes away all trees but those of these artifacts. */
  public void retain(Set<Digest> artifacts) throws IOException {
    Set<String> known = artifacts.stream().map(Digest::hex).collect(Collectors.toSet());
    lock.lock();
    try (Stream<Path> there = Files.list(folder)) {
      there.filter(path -> !known.contains(path.getFileName().toString())).forEach(trash::take);
    } finally {
      lock.unlock();
    }
  }
}
