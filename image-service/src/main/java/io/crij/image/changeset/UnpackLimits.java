package io.crij.image.changeset;

/**
 * What one layer may take.
 *
 * @param mostBytes of its archive
 * @param mostEntries of its archive
 * @param mostFolders of its archive: what is known of them is in memory until its end
 * @param mostRatio of inflated to compressed bytes
 * @param ratioFreeBytes up to which the ratio does not matter: small layers of zeros are common
 * @param reservedBytes that stay free on the disk for what else runs on the node
 */
public record UnpackLimits(
    long mostBytes,
    long mostEntries,
    int mostFolders,
    int mostRatio,
    long ratioFreeBytes,
    long reservedBytes) {
  public static final UnpackLimits DEFAULT =
      new UnpackLimits(256L << 30, 10_000_000, 300_000, 200, 1L << 30, 64L << 20);
}
