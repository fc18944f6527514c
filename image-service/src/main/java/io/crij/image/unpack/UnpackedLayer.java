package io.crij.image.unpack;

import io.crij.image.LayerKind;

/**
 * A layer that was made and verified.
 *
 * @param archiveBytes of its archive, uncompressed
 * @param diskBytes of what was made
 * @param inodes it takes
 */
public record UnpackedLayer(LayerKind kind, long archiveBytes, long diskBytes, long inodes) {}
