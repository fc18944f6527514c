package io.crij.image.registry;

import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.hosts.HostsDirectory;
import io.crij.image.registry.hosts.RegistryHost;
import io.crij.image.registry.transport.Timing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The registries of the world, as this node is configured to reach them. */
public final class Registry {
  private final HostsDirectory directory;
  private final Timing timing;

  /**
   * @param hostsFolder holds a folder for each configured registry, e.g. {@code /etc/crij/certs.d};
   *     need not exist
   */
  public Registry(Path hostsFolder) {
    this(hostsFolder, Timing.DEFAULT);
  }

  Registry(Path hostsFolder, Timing timing) {
    this.directory = new HostsDirectory(hostsFolder);
    this.timing = timing;
  }

  /**
   * Prepares to fetch an image. The configuration is read now; no host is asked yet.
   *
   * @param auth goes to the registry it is for and to no mirror; the default instance if there is
   *     none
   * @throws ImageException.FailedPrecondition naming file and line of a malformed configuration
   * @throws ImageException.InvalidArgument if the credentials are malformed
   */
  public ImageSource open(ImageReference reference, AuthConfig auth) {
    Credentials credentials = Credentials.of(auth);
    List<HostSession> sessions = new ArrayList<>();
    for (RegistryHost host : directory.hosts(reference.domain())) {
      sessions.add(
          new HostSession(
              host,
              Credentials.areFor(host, auth, reference) ? credentials : Credentials.NONE,
              reference.path(),
              reference.domain(),
              timing));
    }
    return new RemoteImage(reference, new HostRotation(sessions, timing));
  }
}
