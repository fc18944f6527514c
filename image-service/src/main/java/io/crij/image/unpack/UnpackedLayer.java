package io.crij.image.unpack;

/**
 * A layer that was made and verified.
 *
 * @param archiveBytes of its archive, uncompressed
 * @param diskBytes of its files, in whole blocks of the file system
 * @param inodes it takes
 */
public record UnpackedLayer(long archiveBytes, long diskBytes, long inodes) {}
