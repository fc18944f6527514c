package io.crij.image;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of the image service.
 *
 * @param root for what survives a reboot, e.g. {@code /var/lib/crij}
 * @param runroot for what does not, e.g. {@code /run/crij}
 * @param registries how images are found elsewhere
 * @param store where images are kept, and for how long
 * @param pullProgressTimeout after which a pull ends that neither downloads nor unpacks a byte;
 *     zero for never
 */
public record ImageServiceConfig(
    Path root,
    Path runroot,
    RegistryConfig registries,
    ImageStoreConfig store,
    Duration pullProgressTimeout) {
  /** How long a pull may stand still by default. */
  public static final Duration PULL_PROGRESS_TIMEOUT = Duration.ofMinutes(5);

  /** With images beside everything else, and the usual patience. */
  public ImageServiceConfig(Path root, Path runroot, RegistryConfig registries) {
    this(root, runroot, registries, ImageStoreConfig.in(root), PULL_PROGRESS_TIMEOUT);
  }
}
