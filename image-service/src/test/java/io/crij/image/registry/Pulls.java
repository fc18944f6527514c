package io.crij.image.registry;

import io.crij.cri.v1.AuthConfig;
import io.crij.image.RegistryConfig;
import io.crij.image.RegistryConfig.ProxySettings;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.fake.FakeRegistry;
import io.crij.image.registry.transport.Timing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A configured node of a test: hosts.toml by the line, a short wait before the next try. */
final class Pulls {
  static final String REPOSITORY = "team/app";

  /** For a host that does not answer, or no further. */
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
  private ProxySettings proxies = ProxySettings.NONE;

  /** With time for a busy machine. */
  static final Timing PATIENT =
      new Timing(
          Duration.ofMinutes(1),
          Duration.ofMinutes(1),
          3,
          2,
          Duration.ofMillis(5),
          Duration.ofMillis(200));

  private Timing timing = PATIENT;
  private @Nullable Registry registry;

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
      Files.createDirectories(file("hosts.toml").getParent());
      Files.writeString(file("hosts.toml"), toml);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path file(String name) {
    return folder.resolve("certs.d").resolve(domain).resolve(name);
  }

  /** Opens the image with this tag or digest: {@code :v1}, {@code @sha256:…}. */
  ImageSource open(String suffix) {
    return open(suffix, AuthConfig.getDefaultInstance());
  }

  /** From now on, {@link #IMPATIENT}. */
  Pulls impatient() {
    timing = IMPATIENT;
    registry = null;
    return this;
  }

  /** From now on by these proxies. */
  Pulls by(ProxySettings settings) {
    proxies = settings;
    registry = null;
    return this;
  }

  /** One for all pulls, as on a node. */
  private synchronized Registry registry() {
    Registry made = registry == null ? newRegistry() : registry;
    registry = made;
    return made;
  }

  private Registry newRegistry() {
    RegistryConfig below = RegistryConfig.below(folder);
    RegistryConfig config =
        new RegistryConfig(
            below.hostsDirs(),
            below.registriesConf(),
            below.registriesConfDir(),
            below.shortNameAliases(),
            below.shortNameMode(),
            below.credentials(),
            proxies);
    return new Registry(config, timing);
  }

  RegistryPush push(String suffix, AuthConfig auth, long chunkBytes) {
    return registry()
        .push(ImageReference.parse(domain + "/" + REPOSITORY + suffix), auth, null, chunkBytes);
  }

  ImageSource open(String suffix, AuthConfig auth) {
    return registry().open(ImageReference.parse(domain + "/" + REPOSITORY + suffix), auth);
  }
}
