package io.crij.image.unpack;

/**
 * What one layer may take.
 *
 * @param mostBytes of its archive
 * @param mostEntries of its archive
 * @param mostRatio of inflated to compressed bytes
 * @param ratioFreeBytes up to which the ratio does not matter: small layers of zeros are common
 * @param reservedBytes that stay free on the disk for what else runs on the node
 */
public record UnpackLimits(
    long mostBytes, long mostEntries, int mostRatio, long ratioFreeBytes, long reservedBytes) {
  public static final UnpackLimits DEFAULT =
      new UnpackLimits(256L << 30, 10_000_000, 200, 1L << 30, 64L << 20);
}
