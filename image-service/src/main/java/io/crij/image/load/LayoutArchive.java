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
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks an archive of images. The files of an OCI image layout get the names they have in one;
 * other files get numbers. All names are made here, none is taken from the archive; what is no
 * regular file is passed over, but for the links by which Docker says that two layers are one.
 */
final class LayoutArchive {
  private static final int MOST_ENTRIES = 100_000;
  private static final long RESERVED_BYTES = 64L << 20;

  private LayoutArchive() {}

  /**
   * Unpacks {@code archive} into an empty folder.
   *
   * @return all files by what the archive calls them, without {@code ./} and {@code ..}
   */
  static Map<String, Path> unpack(InputStream archive, Path folder) throws IOException {
    Map<String, Path> files = new HashMap<>();
    Map<String, String> links = new HashMap<>();
    TarReader reader = new TarReader(new BufferedInputStream(archive, 1 << 16));
    int entries = 0;
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      if (++entries > MOST_ENTRIES) {
        throw new ImageException.FailedPrecondition("archive has too many entries");
      }
      String called = name(entry.name());
      if (entry.type() == TarType.REGULAR && !entry.content().isSparse()) {
        String layoutName = layoutName(called);
        Path file = folder.resolve(layoutName != null ? layoutName : "other/" + entries);
        requireSpace(folder, entry.content().sizeBytes());
        write(reader, file);
        files.put(called, file);
      } else if (entry.type() == TarType.SYMLINK || entry.type() == TarType.HARD_LINK) {
        links.put(called, target(entry, called));
      }
    }
    links.forEach((link, target) -> {
      Path file = files.get(target);
      if (file != null) {
        files.putIfAbsent(link, file);
      }
    });
    return files;
  }

  private static String name(byte[] name) {
    return new String(BytePath.of(name).bytes(), StandardCharsets.ISO_8859_1);
  }

  /** Symbolic links are relative to their folder, hard links to the archive. */
  private static String target(TarEntry entry, String called) {
    String link = new String(entry.linkName(), StandardCharsets.ISO_8859_1);
    int slash = called.lastIndexOf('/');
    boolean isRelative = entry.type() == TarType.SYMLINK && slash >= 0;
    String path = isRelative ? called.substring(0, slash + 1) + link : link;
    byte[] bytes = path.getBytes(StandardCharsets.ISO_8859_1);
    return bytes.length > BytePath.MAX_BYTES ? "" : name(bytes);
  }

  /** Null for what is no file of a layout. */
  private static @Nullable String layoutName(String name) {
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
