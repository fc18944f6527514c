package io.crij.image.load;

import io.crij.image.ImageException;
import io.crij.image.disk.DiskFailure;
import io.crij.image.disk.PrivateFolder;
import io.crij.image.disk.Trash;
import io.crij.image.manifest.Descriptor;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.pull.ImageInstaller;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes images known to the node that come in files: in an OCI image layout, a folder or a tar
 * archive of one, or in what {@code docker save} writes; an archive may be compressed with gzip.
 */
public final class ImportImage {
  private static final Logger log = LoggerFactory.getLogger(ImportImage.class);

  private static final int BUFFER_BYTES = 1 << 16;

  private final ImageInstaller installer;
  private final Path ingest;
  private final Trash trash;

  /**
   * Imports into a store.
   *
   * @param ingest for what is unpacked meanwhile
   */
  public ImportImage(ImageInstaller installer, Path ingest, Trash trash) {
    this.installer = installer;
    this.ingest = ingest;
    this.trash = trash;
  }

  /**
   * Imports all images.
   *
   * @return their ids, in the order of the archive
   */
  public List<Digest> importImages(Path path) {
    return in(
        path,
        folder -> {
          Set<Digest> ids = new LinkedHashSet<>();
          List<Descriptor> images = OciLayout.images(folder);
          if (images.isEmpty()) {
            throw new ImageException.InvalidArgument(path + " holds no image");
          }
          for (Descriptor image : images) {
            try (OciLayout layout = OciLayout.open(folder, image)) {
              ids.add(install(layout, null));
            }
          }
          return List.copyOf(ids);
        });
  }

  /**
   * Imports one image.
   *
   * @param reference its name; if empty, the one that the layout gives ({@code
   *     org.opencontainers.image.ref.name}), or none
   * @return its id
   */
  public Digest importImage(Path path, String reference) {
    ImageReference given = reference.isEmpty() ? null : ImageReference.parse(reference);
    return in(
        path,
        folder -> {
          try (OciLayout layout = OciLayout.open(folder, given == null ? null : reference)) {
            return install(layout, given);
          }
        });
  }

  private <T> T in(Path path, Function<Path, T> work) {
    if (Files.isDirectory(path)) {
      return work.apply(path);
    }
    Path unpacked = ingest.resolve(UUID.randomUUID().toString());
    try {
      unpack(path, PrivateFolder.create(unpacked));
      return work.apply(unpacked);
    } catch (IOException e) {
      throw DiskFailure.of("import " + path, e);
    } finally {
      trash.take(unpacked);
    }
  }

  private static void unpack(Path archive, Path folder) throws IOException {
    // Not to wait for the writer of a FIFO.
    int flags = Fd.O_RDONLY | Fd.O_NONBLOCK | Fd.O_NOCTTY;
    try (Fd fd = Fd.open(archive.toString(), flags, 0)) {
      if (!Files.isRegularFile(Path.of(fd.procPath()))) {
        throw new ImageException.InvalidArgument(archive + " is neither a folder nor a file");
      }
      try (InputStream in = inflated(new FileInputStream(fd.procPath()))) {
        Map<String, Path> others = LayoutArchive.unpack(in, folder);
        if (!Files.exists(folder.resolve("index.json"))) {
          DockerArchive.makeLayout(others, folder);
        }
      } catch (ZipException e) {
        throw new ImageException.FailedPrecondition(archive + ": " + e.getMessage(), e);
      }
    } catch (LinuxException e) {
      throw new ImageException.InvalidArgument("import: " + e.getMessage(), e);
    }
  }

  /** By its first bytes (RFC 1952). */
  private static InputStream inflated(InputStream file) throws IOException {
    BufferedInputStream in = new BufferedInputStream(file, BUFFER_BYTES);
    in.mark(2);
    boolean isGzip = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    return isGzip ? new GZIPInputStream(in, BUFFER_BYTES) : in;
  }

  private Digest install(OciLayout layout, @Nullable ImageReference given) {
    String own = layout.name();
    ImageReference name = given != null || own == null ? given : ImageReference.parse(own);
    Digest id = installer.install(layout, name);
    log.info("imported {}: image {}", name == null ? "an image without a name" : name, id);
    return id;
  }
}
