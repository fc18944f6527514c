package io.crij.image.export;

import io.crij.admin.v1.PushImageRequest;
import io.crij.admin.v1.PushImageResponse;
import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.catalog.ImageCatalog;
import io.crij.image.disk.DiskFailure;
import io.crij.image.manifest.Descriptor;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.records.ImageRow;
import io.crij.image.registry.Registry;
import io.crij.image.registry.RegistryPush;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends an image to a registry, with the credentials that the node has for it. Where the registry
 * has its layers as they came, it gets the manifest that came with them; else one of new layers.
 */
public final class PushImage {
  private static final Logger log = LoggerFactory.getLogger(PushImage.class);

  private final StoredImage.Stores stores;
  private final Registry registry;

  public PushImage(StoredImage.Stores stores, Registry registry) {
    this.stores = stores;
    this.registry = registry;
  }

  /**
   * Sends what the repository does not have.
   *
   * @throws ImageException.NotFound when there is no such image
   */
  public PushImageResponse pushImage(PushImageRequest request) {
    ImageCatalog.Found found = stores.catalog().find(request.getImage());
    if (found == null) {
      throw new ImageException.NotFound("image " + request.getImage() + " is not on this node");
    }
    String name = request.getName().isEmpty() ? request.getImage() : request.getName();
    ImageReference reference = ImageReference.parse(name);
    ImageRow image = found.image();
    String from = neighbour(image, reference);
    try (RegistryPush push = registry.push(reference, AuthConfig.getDefaultInstance(), from)) {
      Digest digest =
          hasLayers(image, push, from) ? pushAsItCame(image, push) : pushAnew(image, push);
      log.info("pushed {} as {}: {}", request.getImage(), reference, digest);
      return PushImageResponse.newBuilder().setRepoDigest(reference.repoDigest(digest)).build();
    }
  }

  /** Another repository of that registry from which the image came; null for none. */
  private static @Nullable String neighbour(ImageRow image, ImageReference target) {
    for (String name : image.repoDigests()) {
      ImageReference source = ImageReference.parse(name);
      if (source.domain().equals(target.domain()) && !source.path().equals(target.path())) {
        return source.path();
      }
    }
    return null;
  }

  private boolean hasLayers(ImageRow image, RegistryPush push, @Nullable String from) {
    if (image.kind() == ImageRow.Kind.ARTIFACT) {
      return false;
    }
    for (Descriptor layer : stores.catalog().manifest(image).layers()) {
      if (!push.has(layer) && (from == null || !push.mount(layer, from))) {
        return false;
      }
    }
    return true;
  }

  private Digest pushAsItCame(ImageRow image, RegistryPush push) {
    Descriptor config = stores.catalog().manifest(image).config();
    push.blob(config, offset -> from(offset, stores.content().open(config.digest())));
    return push.manifest(
        stores.content().read(image.manifest().digest()), image.manifest().mediaType());
  }

  private Digest pushAnew(ImageRow row, RegistryPush push) {
    try (LayerBlobs layers = new LayerBlobs(stores, true)) {
      StoredImage image = StoredImage.of(row, stores, layers);
      for (StoredImage.Blob blob : image.blobs()) {
        push.blob(blob.descriptor(), offset -> from(offset, blob.content().open()));
      }
      return push.manifest(image.manifestBytes(), image.manifest().mediaType());
    } catch (IOException e) {
      throw DiskFailure.of("push image " + row.id(), e);
    }
  }

  private static InputStream from(long offset, InputStream in) throws IOException {
    in.skipNBytes(offset);
    return in;
  }
}
