package io.crij.image.registry.conf;

import io.crij.image.ImageException;
import io.crij.image.RegistryConfig;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files of registries.conf(5) of this node. A change in them is seen at the next reading. */
public final class RegistriesFiles {
  private final Path main;
  private final Path dropIns;
  private final Path recordedAliases;
  private volatile @Nullable Known known;

  /** A file as it was; null times if it was not there. */
  private record Stamp(Path file, @Nullable FileTime changed, long size, @Nullable Object inode) {}

  /** What was read, and of what. */
  private record Known(List<Stamp> stamps, RegistriesConf conf) {}

  public RegistriesFiles(RegistryConfig config) {
    this.main = config.registriesConf();
    this.dropIns = config.registriesConfDir();
    this.recordedAliases = config.shortNameAliases();
  }

  /**
   * What the files say now.
   *
   * @throws ImageException.FailedPrecondition naming file and line where one has no proper form
   */
  public RegistriesConf read() {
    List<Path> files = files();
    List<Stamp> stamps = new ArrayList<>();
    files.forEach(file -> stamps.add(stamp(file)));
    stamps.add(stamp(recordedAliases));
    Known before = known;
    if (before != null && before.stamps.equals(stamps)) {
      return before.conf;
    }
    List<RegistriesFile> read = new ArrayList<>();
    for (Path file : files) {
      RegistriesFile one = read(file);
      if (one != null) {
        read.add(one);
      }
    }
    RegistriesConf conf = new RegistriesConf(read, read(recordedAliases));
    known = new Known(stamps, conf);
    return conf;
  }

  /** The main file, then the drop-ins in the order of their names. */
  private List<Path> files() {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(dropIns, "*.conf")) {
      found.forEach(file -> {
        if (!Files.isDirectory(file)) {
          files.add(file);
        }
      });
    } catch (NoSuchFileException | NotDirectoryException e) {
      // most nodes have none
    } catch (IOException e) {
      throw new ImageException.FailedPrecondition("cannot read " + dropIns + ": " + e, e);
    }
    files.sort(null);
    files.addFirst(main);
    return files;
  }

  private static Stamp stamp(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(file, now.lastModifiedTime(), now.size(), now.fileKey());
    } catch (IOException e) {
      return new Stamp(file, null, -1, null);
    }
  }

  private static @Nullable RegistriesFile read(Path file) {
    try {
      return RegistriesFile.read(file);
    } catch (NoSuchFileException e) {
      return null; // never there, or gone since
    }
  }

  /** For messages. */
  @Override
  public String toString() {
    return main + " and " + dropIns;
  }
}
