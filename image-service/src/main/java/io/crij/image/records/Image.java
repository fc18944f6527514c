package io.crij.image.records;

import io.crij.image.manifest.ImageConfig;
import io.crij.image.manifest.Platform;
import io.crij.image.name.Digest;
import java.util.List;

/**
 * An image that is whole on this node.
 *
 * @param id digest of its configuration
 * @param repoTags {@code domain/path:tag}
 * @param repoDigests {@code domain/path@digest}
 * @param sizeBytes of its layers, uncompressed, and its documents
 * @param platform what it was built for
 * @param config how its containers run unless their creator says otherwise
 * @param diffIds of its layers, lowest first
 * @param pinned whether it should be kept when space is needed
 */
public record Image(
    Digest id,
    List<String> repoTags,
    List<String> repoDigests,
    long sizeBytes,
    Platform platform,
    ImageConfig config,
    List<Digest> diffIds,
    boolean pinned) {
  public Image {
    repoTags = List.copyOf(repoTags);
    repoDigests = List.copyOf(repoDigests);
    diffIds = List.copyOf(diffIds);
  }

  /** Its id as the CRI shows it. */
  public String shownId() {
    return shownId(id);
  }

  /** An id as the CRI shows it: the 64 hexadecimal digits alone, as CRI-O does. */
  public static String shownId(Digest id) {
    return id.algorithm() == Digest.Algorithm.SHA256 ? id.hex() : id.toString();
  }
}
