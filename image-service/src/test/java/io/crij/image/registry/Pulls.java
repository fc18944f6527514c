package io.crij.image.registry;

import io.crij.cri.v1.AuthConfig;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.fake.FakeRegistry;
import io.crij.image.registry.transport.Timing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A configured node of a test: little patience, hosts.toml by the line. */
final class Pulls {
  static final String REPOSITORY = "team/app";

  static final Timing IMPATIENT =
      new Timing(
          Duration.ofSeconds(1),
          Duration.ofMillis(500),
          3,
          2,
          Duration.ofMillis(5),
          Duration.ofMillis(200));

  private final Path folder;
  private final String domain;

  /**
   * @param folder empty
   * @param registry the domain of the images that are pulled
   */
  Pulls(Path folder, FakeRegistry registry) {
    this(folder, registry.authority());
  }

  Pulls(Path folder, String domain) {
    this.folder = folder;
    this.domain = domain;
  }

  /** The registry is plain http, without mirrors. */
  Pulls plain() {
    return hosts("server = \"http://" + domain + "\"");
  }

  Pulls hosts(String toml) {
    try {
      Files.createDirectories(folder.resolve(domain));
      Files.writeString(folder.resolve(domain).resolve("hosts.toml"), toml);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path file(String name) {
    return folder.resolve(domain).resolve(name);
  }

  /** Opens the image with this tag or digest: {@code :v1}, {@code @sha256:…}. */
  ImageSource open(String suffix) {
    return open(suffix, AuthConfig.getDefaultInstance());
  }

  ImageSource open(String suffix, AuthConfig auth) {
    return new Registry(folder, IMPATIENT)
        .open(ImageReference.parse(domain + "/" + REPOSITORY + suffix), auth);
  }
}
