package io.crij.image.registry.auth;

import io.crij.image.name.ImageReference;
import java.util.Set;

/** The registry of many names. */
final class DockerHub {
  private static final Set<String> NAMES =
      Set.of(
          ImageReference.DOCKER_HUB,
          "index.docker.io",
          "registry-1.docker.io",
          "registry.hub.docker.com");

  private DockerHub() {}

  static boolean is(String registry) {
    return NAMES.contains(registry);
  }

  /** The same name, or {@code docker.io} for any of its names. */
  static String canonical(String registry) {
    return is(registry) ? ImageReference.DOCKER_HUB : registry;
  }
}
