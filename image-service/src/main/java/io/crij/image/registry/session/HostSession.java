package io.crij.image.registry.session;

import io.crij.image.ImageException;
import io.crij.image.registry.auth.Credentials;
import io.crij.image.registry.hosts.Endpoint;
import io.crij.image.registry.hosts.RegistryHost;
import io.crij.image.registry.session.HostFailure.Kind;
import io.crij.image.registry.transport.HostTransport;
import io.crij.image.registry.transport.Network;
import io.crij.image.registry.transport.Reply;
import io.crij.image.registry.transport.Request;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One repository at one host, with the authorization it wants. */
public final class HostSession implements AutoCloseable {
  private final RegistryHost host;
  private final Credentials given;
  private final Proof proof;
  private final Scope scope;
  private final Network network;
  private final String query;

  private final ReentrantLock connecting = new ReentrantLock();
  private final ReentrantLock authorizing = new ReentrantLock();
  private volatile @Nullable HostTransport transport;
  private volatile @Nullable String authorization;
  private volatile boolean closed;

  /**
   * Who this node is to a host, when nothing was given for it; asked when the host wants to know.
   */
  @FunctionalInterface
  public interface Proof {
    /**
     * @throws ImageException.FailedPrecondition if what is configured cannot be used
     */
    Credentials get();
  }

  /**
   * @param given for this host and no other
   * @param proof for this host and no other, if nothing was given
   * @param scope what is to be done there
   */
  public HostSession(
      Endpoint endpoint, Credentials given, Proof proof, Scope scope, Network network) {
    this.host = endpoint.host();
    this.given = given;
    this.proof = proof;
    this.scope = scope;
    this.network = network;
    // Tells a mirror of several registries which one is meant, as containerd does.
    String domain = endpoint.reference().domain().replace("[", "%5B").replace("]", "%5D");
    this.query = host.upstream() ? "" : "ns=" + domain;
    this.authorization =
        given instanceof Credentials.RegistryToken(String token) ? bearer(token) : null;
  }

  public RegistryHost host() {
    return host;
  }

  /**
   * Gets a resource of the repository.
   *
   * @param path after the repository's name, e.g. {@code /manifests/latest}
   * @param bulk whether it may be long
   * @return an answer of success
   */
  public Reply get(String path, Map<String, String> headers, boolean bulk)
      throws HostFailure, IOException {
    Request request = Request.get(uri(path)).withHeaders(headers);
    Reply reply = send(bulk ? request.inBulk() : request);
    if (!HttpStatus.isSuccess(reply.status())) {
      throw HttpStatus.failure(reply);
    }
    return reply;
  }

  /** The URL of a resource of the repository, which may have a query. */
  public URI uri(String path) throws IOException {
    String separator = query.isEmpty() ? "" : path.contains("?") ? "&" : "?";
    return URI.create(
        transport().host().base() + "/" + scope.repository() + path + separator + query);
  }

  /**
   * Sends a request with the authorization that the host wants, or to another host with none.
   *
   * @return whatever it answers, except that who we are does not suffice
   */
  public Reply send(Request request) throws HostFailure, IOException {
    boolean ours = transport().isOurs(request.uri());
    String used = ours ? authorization : null;
    Reply reply = transport().send(request.withAuthorization(used));
    // Where a host redirects to is never shown any credentials, whatever it asks for.
    if (reply.status() == HttpStatus.UNAUTHORIZED && ours && !reply.redirected()) {
      List<String> challenges = reply.headers().allValues("www-authenticate");
      String fresh = authorize(Challenge.parse(challenges), used);
      if (fresh == null) {
        throw HttpStatus.failure(reply);
      }
      reply.close();
      reply = transport().send(request.withAuthorization(fresh));
    }
    if (reply.status() == HttpStatus.UNAUTHORIZED) {
      throw HttpStatus.failure(reply);
    }
    return reply;
  }

  private HostTransport transport() throws IOException {
    HostTransport known = transport;
    if (known != null) {
      return known;
    }
    connecting.lock();
    try {
      if (closed) {
        throw new IOException("closed");
      }
      HostTransport first = transport;
      if (first == null) {
        first = HostTransport.to(host, network);
        transport = first;
      }
      return first;
    } finally {
      connecting.unlock();
    }
  }

  /**
   * Another authorization than the one that was not accepted; null if there is none. All requests
   * that wait here get the same one.
   */
  private @Nullable String authorize(List<Challenge> challenges, @Nullable String refused)
      throws HostFailure, IOException {
    authorizing.lock();
    try {
      if (!Objects.equals(authorization, refused)) {
        return authorization;
      }
      String fresh = answer(challenges);
      if (Objects.equals(fresh, refused)) {
        return null;
      }
      authorization = fresh;
      return fresh;
    } finally {
      authorizing.unlock();
    }
  }

  private @Nullable String answer(List<Challenge> challenges) throws HostFailure, IOException {
    for (Challenge challenge : challenges) {
      if (challenge.scheme().equals("bearer")) {
        Credentials credentials = credentials();
        return bearer(
            credentials instanceof Credentials.RegistryToken(String token)
                ? token
                : new TokenEndpoint(transport(), scope).token(challenge, credentials));
      }
    }
    for (Challenge challenge : challenges) {
      if (challenge.scheme().equals("basic")) {
        if (credentials() instanceof Credentials.Password password) {
          return password.basic();
        }
        throw HostFailure.lasting(
            Kind.UNAUTHENTICATED, "wants a user's name and password, and none was given for it");
      }
    }
    return null;
  }

  private Credentials credentials() {
    return given instanceof Credentials.None ? proof.get() : given;
  }

  private static String bearer(String token) {
    return "Bearer " + token;
  }

  @Override
  public void close() {
    closed = true;
    HostTransport open = transport;
    if (open != null) {
      open.close();
    }
  }

  /** For messages. */
  @Override
  public String toString() {
    return host.toString();
  }
}
