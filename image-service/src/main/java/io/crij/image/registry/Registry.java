package io.crij.image.registry;

import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.RegistryConfig;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.auth.Credentials;
import io.crij.image.registry.auth.NodeCredentials;
import io.crij.image.registry.conf.RegistriesFiles;
import io.crij.image.registry.conf.ShortNames;
import io.crij.image.registry.hosts.Endpoint;
import io.crij.image.registry.hosts.Endpoints;
import io.crij.image.registry.session.HostRotation;
import io.crij.image.registry.session.HostSession;
import io.crij.image.registry.session.Scope;
import io.crij.image.registry.tls.TlsContexts;
import io.crij.image.registry.transport.Network;
import io.crij.image.registry.transport.Proxies;
import io.crij.image.registry.transport.Timing;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The registries of the world, as this node is configured to reach them. */
public final class Registry {
  /** An interruption costs at most so much of an upload. */
  private static final long CHUNK_BYTES = 32 << 20;

  private final Endpoints endpoints;
  private final ShortNames shortNames;
  private final NodeCredentials nodeCredentials;
  private final Network network;

  public Registry(RegistryConfig config) {
    this(config, Timing.DEFAULT);
  }

  Registry(RegistryConfig config, Timing timing) {
    RegistriesFiles files = new RegistriesFiles(config);
    this.endpoints = new Endpoints(config, files);
    this.shortNames = new ShortNames(files, config.shortNameMode());
    this.nodeCredentials = new NodeCredentials(config.credentials(), files);
    this.network = new Network(timing, new Proxies(config.proxies()), new TlsContexts());
  }

  /** What names without a registry stand for. */
  public ShortNames shortNames() {
    return shortNames;
  }

  /**
   * Prepares to fetch an image. The configuration is read now; no host is asked yet.
   *
   * @param auth goes to the registry it is for and to no mirror; for any other host, and if it is
   *     the default instance, what the node itself knows counts
   * @throws ImageException.FailedPrecondition naming file and line of a malformed configuration
   * @throws ImageException.InvalidArgument if the credentials are malformed
   * @throws ImageException.PermissionDenied if pulling this image is forbidden by configuration
   */
  public ImageSource open(ImageReference reference, AuthConfig auth) {
    List<HostSession> sessions = new ArrayList<>();
    for (Endpoint endpoint : endpoints.of(reference)) {
      sessions.add(session(endpoint, auth, reference, Scope.pull(endpoint.reference().path())));
    }
    return new RemoteImage(reference, new HostRotation("fetch", sessions, network.timing()));
  }

  /**
   * Prepares to push to a repository of the registry itself, not of a mirror.
   *
   * @param reference its tag, if it has one, is what the image will be called
   * @param auth as for {@link #open}
   * @param mountFrom another repository there, whose blobs may be taken over; null for none
   */
  public RegistryPush push(ImageReference reference, AuthConfig auth, @Nullable String mountFrom) {
    return push(reference, auth, mountFrom, CHUNK_BYTES);
  }

  RegistryPush push(
      ImageReference reference, AuthConfig auth, @Nullable String mountFrom, long chunkBytes) {
    Endpoint endpoint = endpoints.forPush(reference);
    HostSession session =
        session(endpoint, auth, reference, Scope.push(reference.path(), mountFrom));
    return new RegistryPush(
        reference, new HostRotation("push", List.of(session), network.timing()), chunkBytes);
  }

  private HostSession session(
      Endpoint endpoint, AuthConfig auth, ImageReference reference, Scope scope) {
    Credentials given = Credentials.of(auth);
    return new HostSession(
        endpoint,
        Credentials.areFor(endpoint, auth, reference) ? given : Credentials.NONE,
        () -> nodeCredentials.find(endpoint),
        scope,
        network);
  }
}
