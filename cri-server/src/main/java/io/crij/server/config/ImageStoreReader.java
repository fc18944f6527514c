package io.crij.server.config;

import io.crij.image.ImageStoreConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Turns what was given of the image store into its configuration. */
final class ImageStoreReader {
  /** As in the kubelet's and CRI-O's defaults; CRI-J itself has no use for it. */
  private static final String PAUSE_IMAGE = "registry.k8s.io/pause:3.10.1";

  private final Given given;

  ImageStoreReader(Given given) {
    this.given = given;
  }

  ImageStoreConfig read(Path root, Path runroot) {
    return new ImageStoreConfig(folder(root, runroot), pinned(), partialPullAge());
  }

  /**
   * It belongs to its root: one that a lower layer names is not taken over by an instance that a
   * higher layer gave a root of its own.
   */
  private Path folder(Path root, Path runroot) {
    Given.Value folder = given.get(Key.IMAGESTORE, "");
    Given.Value ofRoot = given.get(Key.ROOT, "");
    if (folder.string().isEmpty()
        || ofRoot.origin().layer().compareTo(folder.origin().layer()) > 0) {
      return root;
    }
    Path path = ConfigReader.absolute(folder.origin(), Key.IMAGESTORE.path(), folder.string());
    if (path.equals(runroot)) {
      throw new ConfigException(
          folder.origin(), Key.IMAGESTORE.path(), "is the same directory as " + Key.RUNROOT.path());
    }
    return path;
  }

  private List<String> pinned() {
    Given.Value patterns = given.get(Key.PINNED_IMAGES);
    for (String pattern : patterns.strings()) {
      int star = pattern.indexOf('*', 1);
      boolean inside = star >= 0 && star < pattern.length() - 1;
      boolean onlyFirst = pattern.startsWith("*") && !pattern.endsWith("*");
      if (pattern.isEmpty() || inside || onlyFirst) {
        throw new ConfigException(
            patterns.origin(),
            Key.PINNED_IMAGES.path(),
            "'" + pattern + "' is neither a name, nor NAME*, nor *PART*");
      }
    }
    List<String> pinned = new ArrayList<>(patterns.strings());
    String pause = pauseImage();
    if (!pause.isEmpty()) {
      pinned.add(pause);
    }
    return pinned;
  }

  /** What infra containers run; pinned. Empty: none. */
  String pauseImage() {
    return given.get(Key.PAUSE_IMAGE, PAUSE_IMAGE).string();
  }

  private Duration partialPullAge() {
    Given.Value age = given.get(Key.PARTIAL_PULL_AGE, "24h");
    return GoDuration.parse(age.origin(), Key.PARTIAL_PULL_AGE.path(), age.string());
  }
}
