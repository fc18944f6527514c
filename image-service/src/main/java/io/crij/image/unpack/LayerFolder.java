package io.crij.image.unpack;

import io.crij.linux.AtomicFile;
import io.crij.linux.tree.BytePath;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** What is in the folder of one layer. */
public record LayerFolder(Path path) {
  /** The layer's files, as overlayfs takes them, where they are unpacked. */
  public Path diff() {
    return path.resolve("diff");
  }

  /** The layer's uncompressed archive. */
  public Path tar() {
    return path.resolve("tar");
  }

  /** The EROFS image whose second device is {@link #tar}. */
  public Path erofs() {
    return path.resolve("erofs");
  }

  /** By which the archive can be put together again from the files. */
  public Path archiveRecord() {
    return path.resolve("archive");
  }

  /** The folders that the layer only implies, outermost first. */
  public List<BytePath> implied() throws IOException {
    byte[] bytes = Files.readAllBytes(impliedFile());
    List<BytePath> paths = new ArrayList<>();
    for (int start = 0, i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        paths.add(BytePath.of(Arrays.copyOfRange(bytes, start, i)));
        start = i + 1;
      }
    }
    return paths;
  }

  void writeImplied(Set<BytePath> paths) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    // In order, so that the same layer has the same files wherever it was made.
    paths.stream()
        .map(BytePath::bytes)
        .sorted(Arrays::compareUnsigned)
        .forEach(path -> {
          out.writeBytes(path);
          out.write(0);
        });
    AtomicFile.write(impliedFile(), out.toByteArray(), "rw-------", true);
  }

  private Path impliedFile() {
    return path.resolve("implied");
  }
}
