package io.crij.image.records;

import io.crij.image.manifest.Descriptor;
import io.crij.image.name.Digest;
import java.time.Instant;
import java.util.List;

/**
 * What is recorded of an image.
 *
 * @param id digest of its configuration; of an artifact that of its manifest
 * @param kind whether containers can be made of it
 * @param manifest its manifest, which is a blob; its size is that of the blob
 * @param user of its configuration
 * @param sizeBytes of its layers, uncompressed, and its documents
 * @param hasFixup whether a layer of its own lies on top of those it names
 * @param isWhole false when a layer or document of it is known to be lost or damaged
 * @param repoTags {@code domain/path:tag}, sorted
 * @param repoDigests {@code domain/path@digest} for each of its repositories with each of its
 *     digests, sorted
 * @param times when it came and was last used
 * @param store the folder of the additional store that has it; empty for this node's own
 */
public record ImageRow(
    Digest id,
    Kind kind,
    Descriptor manifest,
    String user,
    long sizeBytes,
    boolean hasFixup,
    boolean isWhole,
    List<String> repoTags,
    List<String> repoDigests,
    Times times,
    String store) {
  /** What kind of content it is. */
  public enum Kind {
    /** Layers and a configuration, for containers and volumes. */
    IMAGE,
    /** Files, for volumes only. */
    ARTIFACT
  }

  /**
   * When what happened to it.
   *
   * @param created when it was pulled or imported, anew if it was pulled again
   * @param used when a container last began or ceased to use it; when it was created, if none did
   */
  public record Times(Instant created, Instant used) {}

  public ImageRow {
    repoTags = List.copyOf(repoTags);
    repoDigests = List.copyOf(repoDigests);
  }

  /** Whether it can be removed and named: not if it is in an additional store. */
  public boolean isOwn() {
    return store.isEmpty();
  }
}
