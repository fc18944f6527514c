package io.crij.image.export;

import io.crij.admin.v1.PushImageRequest;
import io.crij.admin.v1.PushImageResponse;
import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.catalog.ImageCatalog;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.Registry;
import io.crij.image.registry.RegistryPush;
import java.io.InputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends an image to a registry, with the credentials that the node has for it. */
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
    StoredImage image = StoredImage.of(found.image(), stores);
    try (RegistryPush push = registry.push(reference, AuthConfig.getDefaultInstance(), null)) {
      for (StoredImage.Blob blob : image.blobs()) {
        push.blob(
            blob.descriptor(),
            offset -> {
              InputStream in = blob.content().open();
              in.skipNBytes(offset);
              return in;
            });
      }
      Digest digest = push.manifest(image.manifestBytes(), image.manifest().mediaType());
      log.info("pushed {} as {}: {}", request.getImage(), reference, digest);
      return PushImageResponse.newBuilder().setRepoDigest(reference.repoDigest(digest)).build();
    }
  }
}
