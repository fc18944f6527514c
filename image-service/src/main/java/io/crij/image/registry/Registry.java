package io.crij.image.registry;

import io.crij.cri.v1.AuthConfig;
import io.crij.image.ImageException;
import io.crij.image.RegistryConfig;
import io.crij.image.name.ImageReference;
import io.crij.image.registry.auth.Credentials;
import io.crij.image.registry.auth.NamespacedAuthFiles;
import io.crij.image.registry.auth.NodeCredentials;
import io.crij.image.registry.conf.RegistriesFiles;
import io.crij.image.registry.conf.ShortNames;
import io.crij.image.registry.hosts.Endpoint;
import io.crij.image.registry.hosts.Endpoints;
import io.crij.image.registry.session.HostRotation;
import io.crij.image.registry.session.HostSession;
import io.crij.image.registry.session.Scope;
import io.crij.image.registry.tls.TlsContexts;
import io.crij.image.registry.transport.HttpClients;
import io.crij.image.registry.transport.Network;
import io.crij.image.registry.transport.Proxies;
import io.crij.image.registry.transport.Timing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The registries of the world, as this node is configured to reach them. */
public final class Registry implements AutoCloseable {
  /** An interruption costs at most so much of an upload. */
  private static final long CHUNK_BYTES = 32 << 20;

  private final Endpoints endpoints;
  private final ShortNames shortNames;
  private final NodeCredentials nodeCredentials;
  private volatile Map<String, Path> authFilesOfImages;
  private final @Nullable NamespacedAuthFiles namespaced;
  private final Network network;

  public Registry(RegistryConfig config) {
    this(config, Timing.DEFAULT);
  }

  Registry(RegistryConfig config, Timing timing) {
    RegistriesFiles files = new RegistriesFiles(config);
    this.endpoints = new Endpoints(config, files);
    this.shortNames = new ShortNames(files, config.shortNameMode());
    this.nodeCredentials = new NodeCredentials(config.credentials(), files);
    Path folder = config.credentials().namespacedDir();
    this.namespaced = folder == null ? null : NamespacedAuthFiles.open(folder);
    this.authFilesOfImages = config.credentials().ofImages();
    Proxies proxies = new Proxies(config.proxies());
    this.network = new Network(timing, proxies, new HttpClients(proxies, new TlsContexts()));
  }

  /** Sources opened from now on are asked for by the credentials of {@code files} first. */
  public void setAuthFilesOfImages(Map<String, Path> files) {
    authFilesOfImages = Map.copyOf(files);
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
    return open(reference, auth, "");
  }

  /**
   * Prepares as above, for a pod.
   *
   * @param namespace of the pod, for which there may be credentials; empty for nobody's
   */
  public ImageSource open(ImageReference reference, AuthConfig auth, String namespace) {
    List<Endpoint> hosts = endpoints.of(reference);
    List<Path> files = new ArrayList<>();
    NamespacedAuthFiles.Taken taken =
        namespaced == null ? null : namespaced.take(namespace, reference);
    if (taken != null) {
      files.add(taken.file());
    }
    Path ofImage = authFilesOfImages.get(reference.toString());
    if (ofImage != null) {
      files.add(ofImage);
    }
    boolean opened = false;
    try {
      List<HostSession> sessions = new ArrayList<>();
      for (Endpoint host : hosts) {
        Scope scope = Scope.pull(host.reference().path());
        sessions.add(session(host, auth, reference, scope, files));
      }
      HostRotation rotation = new HostRotation("fetch", sessions, network.timing());
      opened = true;
      return new RemoteImage(reference, rotation, taken == null ? () -> {} : taken::close);
    } finally {
      if (!opened && taken != null) {
        taken.close();
      }
    }
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
        session(endpoint, auth, reference, Scope.push(reference.path(), mountFrom), List.of());
    return new RegistryPush(
        reference, new HostRotation("push", List.of(session), network.timing()), chunkBytes);
  }

  private HostSession session(
      Endpoint endpoint, AuthConfig auth, ImageReference reference, Scope scope, List<Path> files) {
    Credentials given = Credentials.of(auth);
    return new HostSession(
        endpoint,
        Credentials.areFor(endpoint, auth, reference) ? given : Credentials.NONE,
        () -> nodeCredentials.find(endpoint, files),
        scope,
        network);
  }

  /** Ends what is under way, and its connections. */
  @Override
  public void close() {
    network.clients().close();
  }
}
