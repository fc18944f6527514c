package io.crij.image;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Where images are kept, and which of them for how long.
 *
 * @param folder holds images; the service's root unless they have a disk of their own
 * @param pinned patterns of names that are not removed when space is needed, as CRI-O's {@code
 *     pinned_images}
 * @param partialPullAge after which what a pull that was cut short got is taken away
 * @param layers how those are kept that are made from now on; what is there stays as it is
 * @param additional other nodes' stores, whose images are used and never changed; the first that
 *     has a thing counts
 */
public record ImageStoreConfig(
    Path folder,
    List<String> pinned,
    Duration partialPullAge,
    LayerFormat layers,
    List<Path> additional) {
  public static final Duration PARTIAL_PULL_AGE = Duration.ofHours(24);

  /** What layers are to be on the disk. */
  public enum LayerFormat {
    /** EROFS where the store can do it, directories elsewhere. */
    AUTO,

    /** EROFS; a store that cannot do it is not opened. */
    EROFS,

    DIRECTORY
  }

  public ImageStoreConfig {
    pinned = List.copyOf(pinned);
    additional = List.copyOf(additional);
  }

  /** With layers as the store can have them. */
  public ImageStoreConfig(Path folder, List<String> pinned, Duration partialPullAge) {
    this(folder, pinned, partialPullAge, LayerFormat.AUTO, List.of());
  }

  public ImageStoreConfig withLayers(LayerFormat format) {
    return new ImageStoreConfig(folder, pinned, partialPullAge, format, additional);
  }

  public ImageStoreConfig withAdditional(List<Path> stores) {
    return new ImageStoreConfig(folder, pinned, partialPullAge, layers, stores);
  }

  /** Images beside everything else, none of them pinned. */
  public static ImageStoreConfig in(Path root) {
    return new ImageStoreConfig(root, List.of(), PARTIAL_PULL_AGE);
  }
}
