package io.crij.image.catalog;

import io.crij.image.ImageException;
import io.crij.image.content.ContentStore;
import io.crij.image.manifest.ImageConfigFile;
import io.crij.image.manifest.Manifest;
import io.crij.image.manifest.ManifestDocument;
import io.crij.image.name.Digest;
import io.crij.image.records.ImageRow;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The configurations of images, read and checked once: again only when the file of one, or of its
 * manifest, has changed.
 */
final class ImageConfigs {
  /** A few kilobytes each. */
  private static final int MOST = 64;

  private final ContentStore content;
  private final Map<Documents, Known> known = new ConcurrentHashMap<>();

  ImageConfigs(ContentStore content) {
    this.content = content;
  }

  /** Which they are. */
  private record Documents(Digest config, Digest manifest) {}

  /** What they say, and which files said it. */
  private record Known(Object config, Object manifest, ImageConfigFile file) {}

  /**
   * The configuration of an image.
   *
   * @throws ImageException.Internal when one of its documents is missing or damaged
   */
  ImageConfigFile of(ImageRow row) {
    Documents documents = new Documents(row.id(), row.manifest().digest());
    // Before they are read: what is written meanwhile makes the answer old at once.
    Object config = content.version(documents.config());
    Object manifest = content.version(documents.manifest());
    Known before = known.get(documents);
    if (before != null && before.config().equals(config) && before.manifest().equals(manifest)) {
      return before.file();
    }
    ImageConfigFile file = ImageConfigFile.parse(content.read(row.id()), manifest(row));
    if (known.size() >= MOST) {
      known.clear();
    }
    known.put(documents, new Known(config, manifest, file));
    return file;
  }

  /** The manifest of an image, read and checked. */
  Manifest manifest(ImageRow row) {
    byte[] bytes = content.read(row.manifest().digest());
    ManifestDocument document = ManifestDocument.parse(bytes, row.manifest().mediaType());
    if (!(document instanceof Manifest manifest)) {
      throw new ImageException.Internal("the manifest recorded for " + row.id() + " is an index");
    }
    return manifest;
  }
}
