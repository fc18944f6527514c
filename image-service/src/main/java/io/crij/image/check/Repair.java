package io.crij.image.check;

import io.crij.admin.v1.ImageFinding;
import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.content.ContentStore;
import io.crij.image.name.Digest;
import io.crij.image.name.ImageReference;
import io.crij.image.pull.ImageInstaller;
import io.crij.image.records.ContentRecords;
import io.crij.image.records.ImageRecords;
import io.crij.image.records.ImageRow;
import io.crij.image.records.LayerRecords;
import io.crij.image.registry.ImageSource;
import io.crij.image.registry.Registry;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Heals an image by pulling it again by the digest of its manifest, from where it came: whatever of
 * it is here and whole is not fetched.
 */
public final class Repair {
  private static final Logger log = LoggerFactory.getLogger(Repair.class);

  private final Stores stores;
  private final Registry registry;
  private final ImageInstaller installer;

  /** What says which images need a thing. */
  public record Stores(
      ImageRecords images, ContentRecords blobs, LayerRecords layers, ContentStore content) {}

  public Repair(Stores stores, Registry registry, ImageInstaller installer) {
    this.stores = stores;
    this.registry = registry;
    this.installer = installer;
  }

  /** Null when it is whole again, else the reason why not. */
  @Nullable String heal(ImageFinding.Kind kind, Digest digest) {
    List<String> images =
        kind == ImageFinding.Kind.KIND_LAYER
            ? stores.layers().images(digest)
            : stores.blobs().images(digest);
    String failure = "no image needs it any more";
    for (String id : images) {
      ImageRow image = stores.images().findById(Digest.parse(id));
      if (image == null) {
        continue;
      }
      failure =
          isHeld(image)
              ? "containers have it mounted: remove them first"
              : heal(image, kind, digest);
      if (failure == null) {
        log.info("healed {} by image {}", digest, id);
        return null;
      }
      if (kind == ImageFinding.Kind.KIND_BLOB && !isHeld(image)) {
        stores.images().setDamaged(image.id());
      }
    }
    return failure;
  }

  /** The files of an artifact that containers have are its blobs themselves. */
  private boolean isHeld(ImageRow image) {
    return image.kind() == ImageRow.Kind.ARTIFACT && !stores.images().users(image.id()).isEmpty();
  }

  private boolean isWhole(ImageFinding.Kind kind, Digest digest) {
    return kind == ImageFinding.Kind.KIND_LAYER
        ? stores.layers().find(digest) != null
        : stores.content().problem(digest) == null;
  }

  private @Nullable String heal(ImageRow image, ImageFinding.Kind kind, Digest digest) {
    String failure = "it came from no registry: import it again";
    for (String name : image.repoDigests()) {
      try (ImageSource source =
          registry.open(ImageReference.parse(name), AuthConfig.getDefaultInstance())) {
        installer.install(source, null);
        if (isWhole(kind, digest)) {
          return null;
        }
        failure = name + " does not lead to it any more";
      } catch (ImageException e) {
        failure = e.getMessage();
      }
    }
    return failure;
  }
}
