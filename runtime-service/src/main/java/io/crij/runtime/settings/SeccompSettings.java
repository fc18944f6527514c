package io.crij.runtime.settings;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Seccomp profiles of the node, files as of Localhost.
 *
 * @param standard what RuntimeDefault means; null: our own profile
 * @param privileged of privileged containers; null: they have none
 */
public record SeccompSettings(@Nullable Path standard, @Nullable Path privileged) {
  /** When nothing is configured. */
  public static final SeccompSettings USUAL = new SeccompSettings(null, null);
}
