package io.crij.image.registry.auth;

import io.crij.image.ImageException;
import io.crij.image.disk.PrivateFolder;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.name.Quoted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Credentials that a credential provider leaves for the next pull of an image for a namespace: a
 * file {@code <namespace>-<SHA-256 of the image's name without tag and digest>.json}, as CRI-O's
 * does. The pull moves it to {@code in-use} and deletes it in the end, so no other gets it.
 */
public final class NamespacedAuthFiles {
  private static final Logger log = LoggerFactory.getLogger(NamespacedAuthFiles.class);

  private static final String IN_USE = "in-use";

  private final Path folder;

  private NamespacedAuthFiles(Path folder) {
    this.folder = folder;
  }

  /** Opens the folder, which need not be there, and deletes what pulls of a crash had taken. */
  public static NamespacedAuthFiles open(Path folder) {
    Path inUse = folder.resolve(IN_USE);
    if (Files.isDirectory(inUse)) {
      try (Stream<Path> left = Files.list(inUse)) {
        left.forEach(NamespacedAuthFiles::delete);
      } catch (IOException e) {
        log.warn("cannot look for old credentials in {}: {}", inUse, e.toString());
      }
    }
    return new NamespacedAuthFiles(folder);
  }

  /** A file for one pull; deleted when it is closed. */
  public record Taken(Path file) implements AutoCloseable {
    @Override
    public void close() {
      delete(file);
    }
  }

  /**
   * Takes the file for a pull; null if there is none.
   *
   * @throws ImageException.InvalidArgument when the namespace cannot be one
   * @throws ImageException.Internal when there is a file and it cannot be taken
   */
  public @Nullable Taken take(String namespace, ImageReference image) {
    if (namespace.isEmpty()) {
      return null;
    }
    if (namespace.indexOf('/') >= 0 || namespace.indexOf('\0') >= 0) {
      throw new ImageException.InvalidArgument("malformed namespace " + Quoted.of(namespace));
    }
    String stem =
        namespace + "-" + Digest.sha256(image.name().getBytes(StandardCharsets.UTF_8)).hex();
    Path file = folder.resolve(stem + ".json");
    if (!Files.exists(file)) {
      return null;
    }
    try {
      Path inUse = PrivateFolder.create(folder.resolve(IN_USE));
      Path taken = inUse.resolve(stem + "-" + UUID.randomUUID() + ".json");
      Files.move(file, taken, StandardCopyOption.ATOMIC_MOVE);
      log.info("credentials of {} for a pull of {}", file, image);
      return new Taken(taken);
    } catch (NoSuchFileException e) {
      log.debug("another pull took {}", file);
      return null;
    } catch (IOException e) {
      throw new ImageException.Internal("take credentials " + file + ": " + e, e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      log.warn("cannot delete credentials {}: {}", file, e.toString());
    }
  }
}
