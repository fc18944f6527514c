package io.crij.server.config.container;

import io.crij.runtime.settings.SeccompSettings;
import io.crij.server.config.given.AbsolutePath;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;

/** Seccomp profiles of the node, which must be there when the configuration is read. */
final class SeccompReader {
  private SeccompReader() {}

  static SeccompSettings of(Given given) {
    return new SeccompSettings(
        AbsolutePath.optionalFile(given.get(Key.SECCOMP_PROFILE), Key.SECCOMP_PROFILE.path()),
        AbsolutePath.optionalFile(
            given.get(Key.PRIVILEGED_SECCOMP_PROFILE), Key.PRIVILEGED_SECCOMP_PROFILE.path()));
  }
}
