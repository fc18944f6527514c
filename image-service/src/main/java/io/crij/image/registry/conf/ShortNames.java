package io.crij.image.registry.conf;

import io.crij.image.ImageException;
import io.crij.image.RegistryConfig.ShortNameMode;
import io.crij.image.name.ImageReference;
import io.crij.image.name.Quoted;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What names without a registry stand for on this node (containers-registries.conf(5), "Short-Name
 * Aliasing"). The configuration is read when such a name comes.
 */
public final class ShortNames {
  private final RegistriesFiles files;
  private final @Nullable ShortNameMode mode;

  /**
   * @param mode above that of registries.conf; null to leave it to that file
   */
  public ShortNames(RegistriesFiles files, @Nullable ShortNameMode mode) {
    this.files = files;
    this.mode = mode;
  }

  /**
   * The references that a text may stand for, in the order they are to be tried. A full name stands
   * for itself alone.
   *
   * @throws ImageException.InvalidArgument if it is no reference, stands for nothing, or for
   *     several things where that is not allowed
   * @throws ImageException.FailedPrecondition naming file and line of a malformed configuration
   */
  public List<ImageReference> candidates(String text) {
    ImageReference atDockerHub = ImageReference.parse(text);
    if (!ImageReference.isShort(text)) {
      return List.of(atDockerHub);
    }
    RegistriesConf conf = files.read();
    String name = ImageReference.nameOf(text);
    String alias = conf.alias(name);
    if (alias != null) {
      return List.of(ImageReference.parse(alias + text.substring(name.length())));
    }
    List<String> registries = conf.searchRegistries();
    if (registries.isEmpty()) {
      throw new ImageException.InvalidArgument(
          "short name %s has no alias, and %s has no unqualified-search-registries"
              .formatted(Quoted.of(text), files));
    }
    if (registries.size() > 1 && mode(conf) == ShortNameMode.ENFORCING) {
      throw new ImageException.InvalidArgument(
          "short name mode is enforcing, and %s may be at any of %s (%s)"
              .formatted(Quoted.of(text), String.join(", ", registries), files));
    }
    return registries.stream()
        .map(registry -> ImageReference.parse(registry + "/" + text))
        .toList();
  }

  private ShortNameMode mode(RegistriesConf conf) {
    return mode == null ? conf.shortNameMode() : mode;
  }
}
