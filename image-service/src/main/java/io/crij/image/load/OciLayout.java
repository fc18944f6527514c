package io.crij.image.load;

import io.crij.image.ImageException;
import io.crij.image.manifest.Descriptor;
import io.crij.image.manifest.Index;
import io.crij.image.manifest.ManifestDocument;
import io.crij.image.manifest.MediaType;
import io.crij.image.name.Digest;
import io.crij.image.registry.FetchedManifest;
import io.crij.image.registry.ImageSource;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.tree.BytePath;
import io.crij.linux.tree.Directory;
import io.crij.linux.tree.Tree;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A folder in the form of an OCI image layout (image-layout.md), from which one image is taken. Its
 * files are opened below it, links out of it lead nowhere.
 */
final class OciLayout implements ImageSource {
  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String CONTAINERD_NAME = "io.containerd.image.name";
  private static final BytePath INDEX = BytePath.of("index.json");
  private static final int MOST_BYTES = 4 << 20;

  private final Tree folder;
  private final Path path;
  private final Descriptor image;

  private OciLayout(Tree folder, Path path, Descriptor image) {
    this.folder = folder;
    this.path = path;
    this.image = image;
  }

  /**
   * Opens a layout.
   *
   * @param wanted the name of the image there; may be null if there is but one
   * @throws ImageException.InvalidArgument when it is no layout, or which image is meant is unclear
   */
  static OciLayout open(Path path, @Nullable String wanted) {
    return open(path, choose(images(path), path, wanted));
  }

  /** Opens one of the images of a layout. */
  static OciLayout open(Path path, Descriptor image) {
    return new OciLayout(openTree(path), path, image);
  }

  /**
   * The images that the index of a layout names, each as often as it has names.
   *
   * @throws ImageException.InvalidArgument when it is no layout
   */
  static List<Descriptor> images(Path path) {
    try (Tree folder = openTree(path)) {
      byte[] index = read(folder, path, INDEX);
      if (!(ManifestDocument.parse(index, MediaType.OCI_INDEX) instanceof Index document)) {
        throw new ImageException.InvalidArgument(path + "/index.json is no index");
      }
      return document.manifests().stream()
          .filter(d -> MediaType.isManifest(d.mediaType()) || MediaType.isIndex(d.mediaType()))
          .toList();
    }
  }

  private static Tree openTree(Path path) {
    try {
      return Tree.open(path);
    } catch (LinuxException e) {
      throw failure(path, e);
    }
  }

  private static Descriptor choose(List<Descriptor> known, Path path, @Nullable String wanted) {
    List<Descriptor> named =
        known.stream().filter(d -> wanted != null && bears(d, wanted)).toList();
    List<Descriptor> candidates = named.isEmpty() ? known : named;
    if (candidates.size() != 1) {
      throw new ImageException.InvalidArgument(
          path + " holds " + candidates.size() + " images, one is expected");
    }
    return candidates.getFirst();
  }

  private static boolean bears(Descriptor descriptor, String name) {
    return name.equals(descriptor.annotations().get(REF_NAME))
        || name.equals(descriptor.annotations().get(CONTAINERD_NAME));
  }

  /**
   * The name that the layout gives its image; null if it gives none, or a bare tag, which says
   * nothing of the repository.
   */
  @Nullable String name() {
    String containerd = image.annotations().get(CONTAINERD_NAME);
    String name = containerd != null ? containerd : image.annotations().get(REF_NAME);
    return name == null || !(name.contains(":") || name.contains("/")) ? null : name;
  }

  @Override
  public FetchedManifest resolve() {
    return manifest(image);
  }

  @Override
  public FetchedManifest manifest(Descriptor descriptor) {
    byte[] bytes = content(descriptor);
    return new FetchedManifest(
        descriptor.digest(), bytes, ManifestDocument.parse(bytes, descriptor.mediaType()));
  }

  @Override
  public byte[] content(Descriptor descriptor) {
    byte[] bytes = read(folder, path, blobPath(descriptor.digest()));
    descriptor.verify(bytes);
    return bytes;
  }

  @Override
  public InputStream blob(Descriptor descriptor) {
    return open(folder, path, blobPath(descriptor.digest()));
  }

  @Override
  public InputStream blob(Descriptor descriptor, long from, long to, Consumer<String> troubles) {
    Objects.checkFromToIndex(from, to, descriptor.size());
    return new FilePart(open(folder, path, blobPath(descriptor.digest())), from, to);
  }

  @Override
  public boolean servesRanges(Descriptor descriptor) {
    return true;
  }

  /** There is no second copy. */
  @Override
  public boolean mistrust(Descriptor descriptor) {
    return false;
  }

  private static BytePath blobPath(Digest digest) {
    return BytePath.of("blobs/" + digest.algorithm().label() + "/" + digest.hex());
  }

  private static byte[] read(Tree folder, Path path, BytePath file) {
    try (InputStream in = open(folder, path, file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new ImageException.FailedPrecondition(path + "" + file + " is too large");
      }
      return bytes;
    } catch (IOException e) {
      throw new ImageException.Internal("read " + path + file + ": " + e.getMessage(), e);
    }
  }

  private static FileInputStream open(Tree folder, Path path, BytePath file) {
    // Opened by its folder, so that only a regular file is.
    try (Directory parent = folder.directory(file.parent());
        Fd fd = parent.openFile(file.name())) {
      return new FileInputStream(fd.procPath());
    } catch (LinuxException e) {
      throw failure(path.resolve(file.toString().substring(1)), e);
    } catch (IOException e) {
      throw new ImageException.Internal("open " + path + file + ": " + e.getMessage(), e);
    }
  }

  private static ImageException failure(Path path, LinuxException e) {
    String message = "not an OCI image layout: " + path + ": " + e.getMessage();
    return e.errno() == Errno.EIO
        ? new ImageException.Internal(message, e)
        : new ImageException.InvalidArgument(message, e);
  }

  @Override
  public void close() {
    folder.close();
  }
}
