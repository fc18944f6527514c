package io.crij.image.content;

import io.crij.image.ImageException;
import io.crij.image.disk.Trash;
import io.crij.image.manifest.Descriptor;
import io.crij.image.name.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs that have come in part: {@code <algorithm>-<digits>.part}, and {@code .spans} with which
 * bytes of it are there, how long it will be, and for which image it came. A part outlives the
 * process and is taken up by the next pull that wants the blob.
 */
public final class Ingest {
  private static final Logger log = LoggerFactory.getLogger(Ingest.class);

  private static final String DATA = ".part";
  private static final String NOTES = ".spans";

  private final Path folder;
  private final Duration age;
  private final Set<Digest> taken = ConcurrentHashMap.newKeySet();

  private Ingest(Path folder, Duration age) {
    this.folder = folder;
    this.age = age;
  }

  /**
   * Opens the folder, and takes away what is nobody's or too old.
   *
   * @param age how long after its last byte a part is kept
   */
  static Ingest open(Path folder, Trash trash, Duration age) throws IOException {
    Ingest ingest = new Ingest(folder, age);
    Set<Path> kept = new HashSet<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path notes : files.filter(file -> file.toString().endsWith(NOTES)).toList()) {
        Digest digest = digest(notes);
        if (digest != null && ingest.isFresh(digest)) {
          kept.add(notes);
          kept.add(ingest.data(digest));
          log.info("a part of blob {} is here, of {}", digest, BlobPart.owner(notes));
        }
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      files.filter(file -> !kept.contains(file)).forEach(trash::take);
    }
    return ingest;
  }

  private boolean isFresh(Digest digest) throws IOException {
    if (!Files.isRegularFile(data(digest))) {
      return false;
    }
    Instant last = Files.getLastModifiedTime(data(digest)).toInstant();
    return last.plus(age).isAfter(Instant.now());
  }

  private static @Nullable Digest digest(Path notes) {
    String name = notes.getFileName().toString();
    String stem = name.substring(0, name.length() - NOTES.length());
    try {
      return Digest.parse(stem.replaceFirst("-", ":"));
    } catch (ImageException.InvalidArgument e) {
      return null;
    }
  }

  /**
   * What is known of a part of a blob.
   *
   * @param owner the image it came for
   * @param until when it is taken away if nobody wants it; null while a pull writes it
   */
  public record Waiting(String owner, @Nullable Instant until) {}

  /** The parts that are here now, by the names of their two files. */
  public Map<String, Waiting> waiting() throws IOException {
    Map<String, Waiting> found = new HashMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path notes : files.filter(file -> file.toString().endsWith(NOTES)).toList()) {
        Digest digest = digest(notes);
        Waiting part = digest == null ? null : waiting(digest);
        if (digest != null && part != null) {
          found.put(notes.getFileName().toString(), part);
          found.put(data(digest).getFileName().toString(), part);
        }
      }
    }
    return found;
  }

  /** Null when it went meanwhile. */
  private @Nullable Waiting waiting(Digest digest) throws IOException {
    try {
      Instant until = Files.getLastModifiedTime(data(digest)).toInstant().plus(age);
      return new Waiting(BlobPart.owner(notes(digest)), taken.contains(digest) ? null : until);
    } catch (NoSuchFileException _) {
      return null;
    }
  }

  /** Takes away the parts that nobody writes and nobody wanted for long. */
  public void expire() {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path notes : files.filter(file -> file.toString().endsWith(NOTES)).toList()) {
        Digest digest = digest(notes);
        if (digest != null && !taken.contains(digest) && !isFresh(digest)) {
          for (Path file : List.of(notes, data(digest))) {
            Files.deleteIfExists(file);
          }
        }
      }
    } catch (IOException e) {
      log.warn("cannot look for old parts of blobs in {}: {}", folder, e.getMessage());
    }
  }

  /**
   * Takes up the part of a blob, or begins one; null while somebody else has it.
   *
   * @param owner the image it is for
   */
  public @Nullable BlobPart take(Descriptor descriptor, String owner) throws IOException {
    if (!taken.add(descriptor.digest())) {
      return null;
    }
    boolean opened = false;
    try {
      BlobPart part = BlobPart.open(this, descriptor, owner);
      opened = true;
      return part;
    } finally {
      if (!opened) {
        taken.remove(descriptor.digest());
      }
    }
  }

  void release(Digest digest) {
    taken.remove(digest);
  }

  Path data(Digest digest) {
    return file(digest, DATA);
  }

  Path notes(Digest digest) {
    return file(digest, NOTES);
  }

  private Path file(Digest digest, String suffix) {
    return folder.resolve(digest.algorithm().label() + "-" + digest.hex() + suffix);
  }
}
