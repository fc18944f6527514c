package io.crij.image.load;

import io.crij.image.ImageException;
import io.crij.image.name.Digest;
import io.crij.image.tar.TarEntry;
import io.crij.image.tar.TarReader;
import io.crij.image.tar.TarType;
import io.crij.linux.tree.BytePath;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks an archive of an OCI image layout. Only the files of a layout are taken out, under names
 * we make ourselves; all else in the archive is passed over.
 */
final class LayoutArchive {
  private static final int MOST_ENTRIES = 100_000;
  private static final long RESERVED_BYTES = 64L << 20;

  private LayoutArchive() {}

  /** Unpacks {@code archive} into an empty folder. */
  static void unpack(InputStream archive, Path folder) throws IOException {
    TarReader reader = new TarReader(new BufferedInputStream(archive, 1 << 16));
    int entries = 0;
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      if (++entries > MOST_ENTRIES) {
        throw new ImageException.FailedPrecondition("archive has too many entries");
      }
      String name = layoutName(entry);
      if (name != null) {
        requireSpace(folder, entry.sizeBytes());
        write(reader, folder.resolve(name));
      }
    }
  }

  /** Null for what is no file of a layout. */
  private static @Nullable String layoutName(TarEntry entry) {
    if (entry.type() != TarType.REGULAR) {
      return null;
    }
    String name = new String(BytePath.of(entry.name()).bytes(), StandardCharsets.ISO_8859_1);
    if (name.equals("index.json")) {
      return name;
    }
    String[] parts = name.split("/", -1);
    if (parts.length != 3 || !parts[0].equals("blobs")) {
      return null;
    }
    try {
      Digest digest = Digest.parse(parts[1] + ":" + parts[2]);
      return "blobs/" + digest.algorithm().label() + "/" + digest.hex();
    } catch (ImageException.InvalidArgument e) {
      return null;
    }
  }

  private static void requireSpace(Path folder, long bytes) throws IOException {
    if (Files.getFileStore(folder).getUsableSpace() - RESERVED_BYTES < bytes) {
      throw new ImageException.ResourceExhausted(
          "not enough space below " + folder + " for a file of " + bytes + " bytes");
    }
  }

  private static void write(TarReader reader, Path file) throws IOException {
    Path parent = file.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    byte[] buffer = new byte[1 << 16];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int n = reader.read(buffer, 0, buffer.length);
          n >= 0;
          n = reader.read(buffer, 0, buffer.length)) {
        out.write(buffer, 0, n);
      }
    }
  }
}
