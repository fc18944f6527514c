package io.crij.image;

import java.nio.file.Path;

/**
 * Settings of the image service.
 *
 * @param root for what survives a reboot, e.g. {@code /var/lib/crij}
 * @param runroot for what does not, e.g. {@code /run/crij}
 * @param registries how images are found elsewhere
 * @param store where images are kept, and for how long
 * @param pulls what pulls may take
 */
public record ImageServiceConfig(
    Path root, Path runroot, RegistryConfig registries, ImageStoreConfig store, PullLimits pulls) {
  /** With images beside everything else, and the usual limits. */
  public ImageServiceConfig(Path root, Path runroot, RegistryConfig registries) {
    this(root, runroot, registries, ImageStoreConfig.in(root), PullLimits.DEFAULT);
  }
}
