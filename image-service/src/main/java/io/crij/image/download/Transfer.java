package io.crij.image.download;

import io.crij.image.progress.PullProgress;

/**
 * How blobs of what is pulled come.
 *
 * @param progress told where they stand
 */
public record Transfer(BlobSupply supply, PullProgress progress) {}
