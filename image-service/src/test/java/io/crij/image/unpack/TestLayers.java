package io.crij.image.unpack;

import io.crij.image.LayerKind;
import io.crij.image.changeset.UnpackLimits;
import io.crij.image.erofs.TreeMemory;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.linux.Fd;
import io.crij.linux.mount.Mounts;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Makes layers of archives, as a pull would. */
public final class TestLayers implements AutoCloseable {
  private static final long MEMORY = 64 << 20;

  private final LayerKind kind;
  private final List<Path> mounted = new ArrayList<>();

  public TestLayers(LayerKind kind) {
    this.kind = kind;
  }

  public static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  public static LayerSource source(byte[] tar) {
    byte[] blob = gzip(tar);
    return source(Digest.sha256(tar), blob);
  }

  public static LayerSource source(Digest diffId, byte[] blob) {
    Descriptor descriptor =
        new Descriptor(MediaType.OCI_LAYER_GZIP, Digest.sha256(blob), blob.length);
    return new LayerSource(diffId, descriptor, () -> new ByteArrayInputStream(blob));
  }

  public static UnpackedLayer make(
      LayerSource source, LayerFolder folder, UnpackLimits limits, LayerKind kind)
      throws IOException {
    return new LayerMaker(limits, new TreeMemory(MEMORY), kind).make(source, folder);
  }

  /** Unpacks an archive into a new folder and returns where its files are to be seen. */
  public Path unpack(byte[] tar, Path folder) throws IOException {
    LayerFolder layer = new LayerFolder(Files.createDirectory(folder));
    make(source(tar), layer, UnpackLimits.DEFAULT, kind);
    return show(layer);
  }

  /** Where the files of a layer are to be seen until this is closed. */
  public Path show(LayerFolder layer) throws IOException {
    if (kind == LayerKind.DIRECTORY) {
      return layer.diff();
    }
    Path target = Files.createDirectory(layer.path().resolve("mounted"));
    try (Fd mount = Mounts.erofs(layer.erofs(), layer.tar())) {
      Mounts.attach(mount, target);
    }
    mounted.add(target);
    return target;
  }

  @Override
  public void close() {
    mounted.forEach(Mounts::detach);
    mounted.clear();
  }
}
