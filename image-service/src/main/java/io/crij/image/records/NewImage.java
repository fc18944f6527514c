package io.crij.image.records;

import io.crij.image.manifest.Descriptor;
import io.crij.image.name.Digest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image whose layers and blobs are on the disk.
 *
 * @param id digest of its configuration; of an artifact that of its manifest
 * @param kind whether containers can be made of it
 * @param manifest its manifest
 * @param user of its configuration
 * @param sizeBytes of its layers, uncompressed, and its documents
 * @param diffIds its layers, lowest first
 * @param blobs its documents and their sizes in bytes
 */
public record NewImage(
    Digest id,
    ImageRow.Kind kind,
    Descriptor manifest,
    String user,
    long sizeBytes,
    List<Digest> diffIds,
    Map<Digest, Long> blobs) {
  /** One for containers. */
  public NewImage(
      Digest id,
      Descriptor manifest,
      String user,
      long sizeBytes,
      List<Digest> diffIds,
      Map<Digest, Long> blobs) {
    this(id, ImageRow.Kind.IMAGE, manifest, user, sizeBytes, diffIds, blobs);
  }

  /**
   * How the image was asked for.
   *
   * @param repoTag that now means this image, null if it was asked for by digest or has no name
   * @param repoDigest by which it can be asked for, null if it has no name
   */
  public record Names(@Nullable String repoTag, @Nullable String repoDigest) {
    public static final Names NONE = new Names(null, null);
  }
}
