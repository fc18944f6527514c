package io.crij.image.load;

import io.crij.image.ImageException;
import io.crij.image.disk.PrivateFolder;
import io.crij.image.disk.Trash;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.pull.ImageInstaller;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the image of an OCI image layout, a folder or a tar archive of one, known to the node. */
public final class ImportImage {
  private static final Logger log = LoggerFactory.getLogger(ImportImage.class);

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
   * Imports one image.
   *
   * @param reference its name; if empty, the one that the layout gives ({@code
   *     org.opencontainers.image.ref.name}), or none
   * @return its id
   */
  public Digest importImage(Path path, String reference) {
    ImageReference given = reference.isEmpty() ? null : ImageReference.parse(reference);
    if (Files.isDirectory(path)) {
      return install(path, given, reference);
    }
    Path unpacked = ingest.resolve(UUID.randomUUID().toString());
    try {
      unpack(path, PrivateFolder.create(unpacked));
      return install(unpacked, given, reference);
    } catch (IOException e) {
      throw new ImageException.Internal("import " + path + ": " + e.getMessage(), e);
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
      try (InputStream in = new FileInputStream(fd.procPath())) {
        LayoutArchive.unpack(in, folder);
      }
    } catch (LinuxException e) {
      throw new ImageException.InvalidArgument("import: " + e.getMessage(), e);
    }
  }

  private Digest install(Path folder, @Nullable ImageReference given, String wanted) {
    try (OciLayout layout = OciLayout.open(folder, wanted.isEmpty() ? null : wanted)) {
      String own = layout.name();
      ImageReference name = given != null || own == null ? given : ImageReference.parse(own);
      Digest id = installer.install(layout, name);
      log.info("imported {}: image {}", name == null ? "an image without a name" : name, id);
      return id;
    }
  }
}
