package io.crij.image.export;

import io.crij.linux.tree.Tree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files in a folder. */
final class FolderSink implements FileSink {
  private final Path folder;

  /**
   * @param folder made here; must not be there
   */
  FolderSink(Path folder) throws IOException {
    this.folder = Files.createDirectory(folder);
  }

  @Override
  public void file(String path, long sizeBytes, InputStream content) throws IOException {
    Path target = folder.resolve(path);
    Files.createDirectories(target.resolveSibling("."));
    if (!Files.exists(target)) {
      Files.copy(content, target);
    }
  }

  @Override
  public void finish() {
    try (Tree tree = Tree.open(folder)) {
      tree.root().syncFileSystem();
    }
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
