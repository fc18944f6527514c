package io.crij.server.config;

import io.crij.image.ImageStoreConfig;
import io.crij.server.config.given.AbsolutePath;
import io.crij.server.config.given.ConfigException;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Turns what was given of the image store into its configuration. */
final class ImageStoreReader {
  private final Given given;

  ImageStoreReader(Given given) {
    this.given = given;
  }

  ImageStoreConfig read(Path root, Path runroot, Map<String, String> environment) {
    Path folder = folder(root, runroot);
    Given.Value stores = given.find(Key.ADDITIONAL_IMAGE_STORES);
    return new ImageStoreConfig(folder, pinned(), given.duration(Key.PARTIAL_PULL_AGE))
        .withAdditional(
            additional(
                List.of(root, runroot, folder),
                stores == null ? StorageConf.additionalImageStores(environment) : stores));
  }

  /**
   * It belongs to its root: one that a lower layer names is not taken over by an instance that a
   * higher layer gave a root of its own.
   */
  private Path folder(Path root, Path runroot) {
    Given.Value folder = given.get(Key.IMAGESTORE);
    Given.Value ofRoot = given.get(Key.ROOT);
    if (folder.string().isEmpty()
        || ofRoot.origin().layer().compareTo(folder.origin().layer()) > 0) {
      return root;
    }
    Path path = given.path(Key.IMAGESTORE);
    if (path.equals(runroot)) {
      throw given.wrong(Key.IMAGESTORE, "is the same directory as " + Key.RUNROOT.path());
    }
    return path;
  }

  private static List<Path> additional(List<Path> own, Given.Value given) {
    String key = Key.ADDITIONAL_IMAGE_STORES.path();
    List<Path> stores = new ArrayList<>();
    for (String text : given.strings()) {
      Path store = AbsolutePath.of(given.origin(), key, text);
      for (Path ours : own) {
        if (store.equals(ours)) {
          throw new ConfigException(given.origin(), key, "'" + store + "' is this node's own");
        }
      }
      if (stores.contains(store)) {
        throw new ConfigException(given.origin(), key, "'" + store + "' twice");
      }
      stores.add(store);
    }
    return stores;
  }

  private List<String> pinned() {
    Given.Value patterns = given.get(Key.PINNED_IMAGES);
    for (String pattern : patterns.strings()) {
      int star = pattern.indexOf('*', 1);
      boolean inside = star >= 0 && star < pattern.length() - 1;
      boolean onlyFirst = pattern.startsWith("*") && !pattern.endsWith("*");
      if (pattern.isEmpty() || inside || onlyFirst) {
        throw given.wrong(
            Key.PINNED_IMAGES, "'" + pattern + "' is neither a name, nor NAME*, nor *PART*");
      }
    }
    List<String> pinned = new ArrayList<>(patterns.strings());
    String pause = pauseImage();
    if (!pause.isEmpty()) {
      pinned.add(pause);
    }
    return pinned;
  }

  /** What infra containers run; pinned, and pulled with credentials of its own. Empty: none. */
  String pauseImage() {
    return given.get(Key.PAUSE_IMAGE).string();
  }
}
