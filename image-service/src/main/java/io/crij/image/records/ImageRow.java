package io.crij.image.records;

import io.crij.image.manifest.Descriptor;
import io.crij.image.name.Digest;
import java.util.List;

/**
 * What is recorded of an image.
 *
 * @param id digest of its configuration
 * @param manifest its manifest, which is a blob; its size is that of the blob
 * @param user of its configuration
 * @param sizeBytes of its layers, uncompressed, and its documents
 * @param hasFixup whether a layer of its own lies on top of those it names
 * @param pinned whether it should be kept when space is needed
 * @param repoTags {@code domain/path:tag}, sorted
 * @param repoDigests {@code domain/path@digest}, sorted
 */
public record ImageRow(
    Digest id,
    Descriptor manifest,
    String user,
    long sizeBytes,
    boolean hasFixup,
    boolean pinned,
    List<String> repoTags,
    List<String> repoDigests) {
  public ImageRow {
    repoTags = List.copyOf(repoTags);
    repoDigests = List.copyOf(repoDigests);
  }
}
