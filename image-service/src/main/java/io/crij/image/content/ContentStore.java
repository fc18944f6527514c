package io.crij.image.content;

import io.crij.image.ImageException;
import io.crij.image.disk.PrivateFolder;
import io.crij.image.disk.Trash;
import io.crij.image.name.Digest;
import io.crij.linux.AtomicFile;
import io.crij.linux.Fd;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/** Small blobs by their digests. A blob is whole or absent, also after a power cut. */
public final class ContentStore {
  /** Manifests and configurations are no larger (OCI distribution specification). */
  private static final int MOST_BYTES = 4 << 20;

  private final Path folder;

  private ContentStore(Path folder) {
    this.folder = folder;
  }

  /** Opens the content below the store's root, and removes what a crash left half written. */
  public static ContentStore open(Path root, Trash trash) throws IOException {
    Path folder = PrivateFolder.create(root.resolve("content"));
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      PrivateFolder.create(folder.resolve("blobs").resolve(algorithm.label()));
    }
    Path ingest = PrivateFolder.create(folder.resolve("ingest"));
    try (Stream<Path> left = Files.list(ingest)) {
      left.forEach(trash::take);
    }
    byte[] layout = "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.US_ASCII);
    AtomicFile.write(folder.resolve("oci-layout"), layout, "rw-------", false);
    return new ContentStore(folder);
  }

  /** For what is on its way into the store; emptied at each start. */
  public Path ingest() {
    return folder.resolve("ingest");
  }

  /** Stores a blob that is known to have this digest; one that is there already stays. */
  public void put(Digest digest, byte[] bytes) throws IOException {
    Path path = path(digest);
    if (Files.isRegularFile(path) && digest.matches(bounded(path))) {
      return;
    }
    Path temporary = ingest().resolve(UUID.randomUUID().toString());
    try {
      write(temporary, bytes);
      Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    try (Fd parent = Fd.open(path.resolveSibling(".").toString(), Fd.O_RDONLY, 0)) {
      parent.sync();
    }
  }

  private static void write(Path path, byte[] bytes) throws IOException {
    try (FileChannel out =
        FileChannel.open(
            path,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        out.write(buffer);
      }
      out.force(true);
    }
  }

  /**
   * Reads a blob and checks it.
   *
   * @throws ImageException.Internal when it is missing or damaged: a pull of its image heals it
   */
  public byte[] read(Digest digest) {
    try {
      byte[] bytes = bounded(path(digest));
      if (!digest.matches(bytes)) {
        throw new ImageException.Internal("blob " + path(digest) + " is damaged");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new ImageException.Internal("blob " + path(digest) + " is missing", e);
    } catch (IOException e) {
      throw new ImageException.Internal("read " + path(digest) + ": " + e.getMessage(), e);
    }
  }

  private static byte[] bounded(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return in.readNBytes(MOST_BYTES + 1);
    }
  }

  /** Deletes all blobs but these. */
  public void retain(Set<Digest> kept) throws IOException {
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      Path blobs = folder.resolve("blobs").resolve(algorithm.label());
      try (Stream<Path> there = Files.list(blobs)) {
        for (Path path : there.toList()) {
          if (!names(kept, algorithm, path)) {
            Files.deleteIfExists(path);
          }
        }
      }
    }
  }

  private static boolean names(Set<Digest> kept, Digest.Algorithm algorithm, Path path) {
    try {
      return kept.contains(new Digest(algorithm, path.getFileName().toString()));
    } catch (ImageException.InvalidArgument e) {
      return false;
    }
  }

  /** Replaces the layout's {@code index.json}. */
  public void writeIndex(byte[] json) {
    AtomicFile.write(folder.resolve("index.json"), json, "rw-------", false);
  }

  private Path path(Digest digest) {
    return folder.resolve("blobs").resolve(digest.algorithm().label()).resolve(digest.hex());
  }
}
