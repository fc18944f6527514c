package io.crij.server.config.container;

import io.crij.runtime.settings.SeccompSettings;
import io.crij.server.config.given.AbsolutePath;
import io.crij.server.config.given.ConfigException;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Seccomp profiles of the node, which must be there when the configuration is read. */
final class SeccompReader {
  private SeccompReader() {}

  static SeccompSettings of(Given given) {
    return new SeccompSettings(
        file(given.get(Key.SECCOMP_PROFILE), Key.SECCOMP_PROFILE.path()),
        file(given.get(Key.PRIVILEGED_SECCOMP_PROFILE), Key.PRIVILEGED_SECCOMP_PROFILE.path()));
  }

  /** Null: none is named. */
  static @Nullable Path file(Given.@Nullable Value value, String key) {
    Path file = AbsolutePath.optional(value, key);
    if (value != null && file != null && !Files.isRegularFile(file)) {
      throw new ConfigException(value.origin(), key, "no such file: " + file);
    }
    return file;
  }
}
