package io.crij.image.content;

import io.crij.image.ImageException;
import io.crij.image.disk.PrivateFolder;
import io.crij.image.disk.Trash;
import io.crij.image.manifest.Descriptor;
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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Small blobs by their digests. A blob is whole or absent, also after a power cut. */
public final class ContentStore {
  /** Manifests and configurations are no larger (OCI distribution specification). */
  private static final int MOST_BYTES = 4 << 20;

  private static final int COPY_BYTES = 1 << 16;

  private static final String FOLDER = "content";

  private static final String LISTING = "images.json";

  private final Path folder;
  private final Ingest parts;

  /** Where blobs are read that are not here. */
  private final List<Path> others;

  private ContentStore(Path folder, Ingest parts, List<Path> others) {
    this.folder = folder;
    this.parts = parts;
    this.others = others;
  }

  /**
   * Opens the content below the store's root, and removes what a crash left half written.
   *
   * @param partAge how long parts of blobs are kept after their last byte
   * @param additional the roots of other stores, in which blobs are read that are not here
   */
  public static ContentStore open(Path root, Trash trash, Duration partAge, List<Path> additional)
      throws IOException {
    Path folder = PrivateFolder.create(root.resolve(FOLDER));
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      PrivateFolder.create(folder.resolve("blobs").resolve(algorithm.label()));
    }
    Ingest ingest = Ingest.open(PrivateFolder.create(folder.resolve("ingest")), trash, partAge);
    byte[] layout = "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.US_ASCII);
    AtomicFile.write(folder.resolve("oci-layout"), layout, "rw-------", false);
    return new ContentStore(
        folder, ingest, additional.stream().map(store -> store.resolve(FOLDER)).toList());
  }

  /** The parts of blobs that have come. */
  public Ingest parts() {
    return parts;
  }

  /** For what is on its way into the store; but for parts of blobs emptied at each start. */
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
      commit(temporary, path);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void write(Path path, byte[] bytes) throws IOException {
    try (FileChannel out = create(path)) {
      writeAll(out, ByteBuffer.wrap(bytes));
      out.force(true);
    }
  }

  private static FileChannel create(Path path) throws IOException {
    return FileChannel.open(
        path,
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  private static void writeAll(FileChannel out, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      out.write(buffer);
    }
  }

  /**
   * Reads a blob and checks it.
   *
   * @throws ImageException.Internal when it is missing or damaged: a pull of its image heals it
   */
  public byte[] read(Digest digest) {
    return read(readable(digest), digest);
  }

  /**
   * What a blob's file is now: equal as long as nobody has written to it.
   *
   * @throws ImageException.Internal when it is missing
   */
  public Object version(Digest digest) {
    Path path = readable(digest);
    try {
      return Files.readAttributes(path, "unix:dev,ino,size,lastModifiedTime,ctime");
    } catch (IOException e) {
      throw new ImageException.Internal("blob " + path + " is missing", e);
    }
  }

  /** Reads a blob of another store, as {@link #read(Digest)} does. */
  public static byte[] readIn(Path root, Digest digest) {
    return read(blobIn(root, digest), digest);
  }

  private static byte[] read(Path path, Digest digest) {
    try {
      byte[] bytes = bounded(path);
      if (!digest.matches(bytes)) {
        throw new ImageException.Internal("blob " + path + " is damaged");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new ImageException.Internal("blob " + path + " is missing", e);
    } catch (IOException e) {
      throw new ImageException.Internal("read " + path + ": " + e.getMessage(), e);
    }
  }

  /** What is wrong with a blob; null when it is here and whole. */
  public @Nullable String problem(Digest digest) {
    Digest.Hasher hasher = digest.hasher();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(readable(digest))) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        hasher.update(buffer, 0, n);
      }
    } catch (NoSuchFileException e) {
      return "missing";
    } catch (IOException e) {
      return "cannot be read: " + e.getMessage();
    }
    return hasher.finish().equals(digest) ? null : "damaged";
  }

  /**
   * What is wrong with a blob, as far as can be said without reading it.
   *
   * @param bytes that it must have
   */
  public @Nullable String problem(Digest digest, long bytes) {
    try {
      long there = Files.size(readable(digest));
      return there == bytes ? null : "has " + there + " bytes instead of " + bytes;
    } catch (NoSuchFileException e) {
      return "missing";
    } catch (IOException e) {
      return "cannot be read: " + e.getMessage();
    }
  }

  private static byte[] bounded(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return in.readNBytes(MOST_BYTES + 1);
    }
  }

  /**
   * Stores a blob as it comes. What an earlier try left of it is not used.
   *
   * @param read told how many more bytes were read
   * @throws ImageException.FailedPrecondition when it is not what is described
   */
  public void put(Descriptor descriptor, InputStream in, LongConsumer read) throws IOException {
    Path temporary = ingest().resolve(UUID.randomUUID().toString());
    try {
      try (FileChannel out = create(temporary)) {
        copy(descriptor, in, read, out);
        out.force(true);
      }
      commit(temporary, path(descriptor.digest()));
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * Makes a file of {@link #parts()} a blob of the store, without a copy.
   *
   * @param in its bytes; once all were read they are in the file
   * @param read told how many more bytes were read
   * @throws ImageException.FailedPrecondition when it is not what is described
   */
  public void adopt(Descriptor descriptor, Path file, InputStream in, LongConsumer read)
      throws IOException {
    copy(descriptor, in, read, null);
    try (FileChannel whole = FileChannel.open(file, StandardOpenOption.WRITE)) {
      whole.force(true);
    }
    commit(file, path(descriptor.digest()));
  }

  /** Reads all, and compares it with what is described. */
  private static void copy(
      Descriptor descriptor, InputStream in, LongConsumer read, @Nullable FileChannel out)
      throws IOException {
    Digest.Hasher hasher = descriptor.digest().hasher();
    long size = 0;
    byte[] block = new byte[COPY_BYTES];
    for (int n = in.read(block); n >= 0 && size <= descriptor.size(); n = in.read(block)) {
      size += n;
      hasher.update(block, 0, n);
      if (out != null) {
        writeAll(out, ByteBuffer.wrap(block, 0, n));
      }
      read.accept(n);
    }
    if (size != descriptor.size() || !hasher.finish().equals(descriptor.digest())) {
      throw new ImageException.FailedPrecondition(
          "blob " + descriptor.digest() + " is not what its descriptor says");
    }
  }

  private static void commit(Path temporary, Path path) throws IOException {
    Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    try (Fd parent = Fd.open(path.resolveSibling(".").toString(), Fd.O_RDONLY, 0)) {
      parent.sync();
    }
  }

  /** A blob as a stream, not checked. */
  public InputStream open(Digest digest) throws IOException {
    return Files.newInputStream(readable(digest));
  }

  /**
   * Deletes blobs.
   *
   * @param kept not these
   * @param released these whatever their age
   * @param age that others must have reached
   */
  public void retain(Set<Digest> kept, Set<Digest> released, Duration age) throws IOException {
    Instant latest = Instant.now().minus(age);
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      Path blobs = folder.resolve("blobs").resolve(algorithm.label());
      try (Stream<Path> there = Files.list(blobs)) {
        for (Path path : there.toList()) {
          boolean unused =
              names(released, algorithm, path)
                  || !Files.getLastModifiedTime(path).toInstant().isAfter(latest);
          if (unused && !names(kept, algorithm, path)) {
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

  /** Replaces what tells others how to use this store as an additional one. */
  public void writeListing(byte[] json) {
    AtomicFile.write(folder.resolveSibling(LISTING), json, "rw-------", false);
  }

  /** Where a store tells what it has. */
  public static Path listing(Path root) {
    return root.resolve(LISTING);
  }

  /** Where another store has a blob, if it has it. */
  public static Path blobIn(Path root, Digest digest) {
    return path(root.resolve(FOLDER), digest);
  }

  Path path(Digest digest) {
    return path(folder, digest);
  }

  private static Path path(Path content, Digest digest) {
    return content.resolve("blobs").resolve(digest.algorithm().label()).resolve(digest.hex());
  }

  /** Where it is read: here, or in the first other store that has it. */
  Path readable(Digest digest) {
    Path own = path(digest);
    if (others.isEmpty() || Files.exists(own)) {
      return own;
    }
    return others.stream()
        .map(content -> path(content, digest))
        .filter(Files::exists)
        .findFirst()
        .orElse(own);
  }
}
