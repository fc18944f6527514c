package io.crij.image.records;

import io.crij.image.LayerKind;
import io.crij.image.name.Digest;

/**
 * A committed layer.
 *
 * @param diffId digest of its archive
 * @param archiveBytes of its archive, uncompressed
 * @param diskBytes it takes
 * @param inodes it takes
 * @param store the folder of the additional store that has it; empty for this node's own
 */
public record LayerRow(
    Digest diffId, LayerKind kind, long archiveBytes, long diskBytes, long inodes, String store) {
  /** One of this node's own. */
  public LayerRow(Digest diffId, LayerKind kind, long archiveBytes, long diskBytes, long inodes) {
    this(diffId, kind, archiveBytes, diskBytes, inodes, "");
  }
}
