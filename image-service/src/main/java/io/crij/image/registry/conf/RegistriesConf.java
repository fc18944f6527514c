package io.crij.image.registry.conf;

import io.crij.image.ImageException;
import io.crij.image.RegistryConfig.ShortNameMode;
import io.crij.image.name.ImageReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * registries.conf and its drop-ins as one: "Specified fields in a conf file will overwrite any
 * previous setting", tables {@code [[registry]]} those of the same prefix
 * (containers-registries.conf.d(5)).
 */
public final class RegistriesConf {
  /** In the list of credential helpers: the files of containers-auth.json(5). */
  public static final String AUTH_FILES = "containers-auth.json";

  private final List<RegistriesFile> latestFirst;
  private final @Nullable RegistriesFile recordedAliases;
  private final Map<String, RegistryTable> registries = new HashMap<>();

  /**
   * @param files in the order they are read
   * @param recordedAliases above those of the files; null if there are none
   */
  RegistriesConf(List<RegistriesFile> files, @Nullable RegistriesFile recordedAliases) {
    this.latestFirst = files.reversed();
    this.recordedAliases = recordedAliases;
    files.forEach(file -> registries.putAll(file.registries()));
  }

  /**
   * Where an image may be pulled from, in order; the registry itself is the last.
   *
   * @throws ImageException.PermissionDenied if pulling it is forbidden
   * @throws ImageException.FailedPrecondition naming file, line and key that are malformed
   */
  public List<Location> locations(ImageReference reference) {
    RegistryTable table = find(reference);
    return table == null
        ? List.of(new Location(reference, false, true))
        : table.locations(reference);
  }

  /**
   * Where an image is by its own name, to which it is pushed.
   *
   * @throws ImageException as {@link #locations}
   */
  public Location ownLocation(ImageReference reference) {
    RegistryTable table = find(reference);
    return table == null ? new Location(reference, false, true) : table.ownLocation(reference);
  }

  /** The table with the longest prefix of this image's name; null if there is none. */
  private @Nullable RegistryTable find(ImageReference reference) {
    RegistryTable longest = null;
    for (RegistryTable table : registries.values()) {
      if (table.isFor(reference)
          && (longest == null || table.prefix().length() > longest.prefix().length())) {
        longest = table;
      }
    }
    return longest;
  }

  /** What a short name is an alias of, without tag and digest; null if of nothing. */
  @Nullable String alias(String name) {
    String recorded = recordedAliases == null ? null : recordedAliases.alias(name);
    String alias = recorded == null ? latest(file -> file.alias(name)) : recorded;
    return alias == null || alias.isEmpty() ? null : alias;
  }

  /** Docker Hub where nothing is said, as for users of Docker and containerd. */
  List<String> searchRegistries() {
    return Objects.requireNonNullElse(
        latest(RegistriesFile::searchRegistries), List.of(ImageReference.DOCKER_HUB));
  }

  /** "Enforcing" where nothing is said, as in CRI-O. */
  ShortNameMode shortNameMode() {
    return Objects.requireNonNullElse(
        latest(RegistriesFile::shortNameMode), ShortNameMode.ENFORCING);
  }

  /** Suffixes of programs, or {@link #AUTH_FILES}, in the order they are asked. */
  public List<String> credentialHelpers() {
    List<String> helpers = latest(RegistriesFile::credentialHelpers);
    return helpers == null || helpers.isEmpty() ? List.of(AUTH_FILES) : helpers;
  }

  private <T> @Nullable T latest(Function<RegistriesFile, @Nullable T> setting) {
    for (RegistriesFile file : latestFirst) {
      T value = setting.apply(file);
      if (value != null) {
        return value;
      }
    }
    return null;
  }
}
