package io.crij.image.layer;

import io.crij.image.ImageException;
import io.crij.image.ImageStoreConfig.LayerFormat;
import io.crij.image.LayerKind;
import io.crij.image.changeset.UnpackLimits;
import io.crij.image.disk.PrivateFolder;
import io.crij.image.erofs.TreeMemory;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.image.unpack.LayerFolder;
import io.crij.image.unpack.LayerMaker;
import io.crij.image.unpack.LayerSource;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.Name;
import io.crij.linux.tree.Tree;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether layers can be EROFS images at a place, by making and reading one there: the
 * kernel's version does not tell, and a store on tmpfs or overlayfs cannot back them.
 */
final class ErofsProbe {
  private static final Logger log = LoggerFactory.getLogger(ErofsProbe.class);

  private static final int BLOCK = 512;
  private static final int CHECKSUM = 148;
  private static final String FILE = "probe";
  private static final byte[] CONTENT = "layers can be mounted\n".getBytes(StandardCharsets.UTF_8);

  private final Path place;

  ErofsProbe(Path place) {
    this.place = place;
  }

  /**
   * What the layers in a folder become.
   *
   * @throws ImageException.Internal when they must be EROFS and cannot
   */
  static LayerKind choose(LayerFormat format, Path folder) throws IOException {
    if (format == LayerFormat.DIRECTORY) {
      return LayerKind.DIRECTORY;
    }
    try {
      new ErofsProbe(folder).run();
      return LayerKind.EROFS;
    } catch (LinuxException | ImageException e) {
      if (format == LayerFormat.EROFS) {
        throw new ImageException.Internal(
            "layers in " + folder + " cannot be EROFS: " + e.getMessage(), e);
      }
      log.info("layers in {} become directories: {}", folder, e.getMessage());
      return LayerKind.DIRECTORY;
    }
  }

  private void run() throws IOException {
    LayerFolder folder = new LayerFolder(place.resolve(".probe-" + UUID.randomUUID()));
    PrivateFolder.create(folder.path());
    try {
      make(folder);
      if (!Arrays.equals(read(folder), CONTENT)) {
        throw new ImageException.Internal("an image reads other than it was written");
      }
    } finally {
      remove(folder);
    }
  }

  private static void make(LayerFolder folder) throws IOException {
    byte[] tar = archive();
    Digest digest = Digest.sha256(tar);
    Descriptor descriptor = new Descriptor(MediaType.OCI_LAYER, digest, tar.length);
    TreeMemory memory = new TreeMemory(1 << 20);
    new LayerMaker(UnpackLimits.DEFAULT, memory, LayerKind.EROFS)
        .make(new LayerSource(digest, descriptor, () -> new ByteArrayInputStream(tar)), folder);
  }

  /** One file, and the two blocks of zeros at the end. */
  private static byte[] archive() {
    byte[] tar = Arrays.copyOf(FILE.getBytes(StandardCharsets.US_ASCII), 4 * BLOCK);
    put(tar, 100, "0000600");
    put(tar, 124, "%011o".formatted(CONTENT.length));
    put(tar, CHECKSUM, "        ");
    tar[156] = '0';
    put(tar, 257, "ustar");
    int sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += tar[i];
    }
    put(tar, CHECKSUM, "%06o".formatted(sum));
    System.arraycopy(CONTENT, 0, tar, BLOCK, CONTENT.length);
    return tar;
  }

  private static void put(byte[] block, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, block, offset, bytes.length);
  }

  private static byte[] read(LayerFolder folder) throws IOException {
    try (Tree tree = new Layer.OfErofs(folder).open();
        Fd file = tree.root().openFile(Name.of(FILE));
        InputStream in = new FileInputStream(file.procPath())) {
      return in.readAllBytes();
    }
  }

  private void remove(LayerFolder folder) {
    try (Tree tree = Tree.open(place)) {
      tree.root().remove(Name.of(String.valueOf(folder.path().getFileName())));
    }
  }
}
