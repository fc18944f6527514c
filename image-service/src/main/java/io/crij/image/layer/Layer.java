package io.crij.image.layer;

import io.crij.image.LayerKind;
import io.crij.image.records.LayerRow;
import io.crij.image.skeleton.RebuiltArchive;
import io.crij.image.unpack.LayerFolder;
import io.crij.linux.Fd;
import io.crij.linux.mount.Mounts;
import io.crij.linux.tree.Tree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;

/** A committed layer. */
public sealed interface Layer {
  /** Where it is on the disk. */
  LayerFolder files();

  /** Whether what must be there is there, as far as can be said without reading it. */
  boolean isWhole(LayerRow row);

  /** Whether its archive can be had: a few that were unpacked cannot be put together again. */
  boolean hasArchive();

  /** The archive, uncompressed and byte for byte, not checked. */
  InputStream archive() throws IOException;

  /** The layer's own files, to look at; the caller closes it. */
  Tree open();

  static Layer of(LayerKind kind, LayerFolder files) {
    return switch (kind) {
      case EROFS -> new OfErofs(files);
      case DIRECTORY -> new OfDirectory(files);
    };
  }

  /** Its files, unpacked. */
  record OfDirectory(LayerFolder files) implements Layer {
    @Override
    public boolean isWhole(LayerRow row) {
      return Files.isDirectory(files.diff());
    }

    @Override
    public boolean hasArchive() {
      return Files.exists(files.archiveRecord());
    }

    @Override
    public InputStream archive() throws IOException {
      return new RebuiltArchive(
          Files.newInputStream(files.archiveRecord()), Tree.open(files.diff()));
    }

    @Override
    public Tree open() {
      return Tree.open(files.diff());
    }
  }

  /** Its archive, and an EROFS image that points into it. */
  record OfErofs(LayerFolder files) implements Layer {
    @Override
    public boolean isWhole(LayerRow row) {
      try {
        return Files.size(files.tar()) == row.archiveBytes() && Files.size(files.erofs()) > 0;
      } catch (IOException e) {
        return false;
      }
    }

    @Override
    public boolean hasArchive() {
      return Files.exists(files.tar());
    }

    @Override
    public InputStream archive() throws IOException {
      return Files.newInputStream(files.tar());
    }

    /** The mount is nowhere, and gone with what is opened of it. */
    @Override
    public Tree open() {
      try (Fd mount = mount()) {
        return Tree.of(mount);
      }
    }

    /** A mount of it that is nowhere yet. */
    Fd mount() {
      return Mounts.erofs(files.erofs(), files.tar());
    }
  }
}
