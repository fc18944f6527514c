package io.crij.image.registry;

import io.crij.image.registry.HostFailure.Kind;
import io.crij.image.registry.hosts.RegistryHost;
import io.crij.image.registry.transport.HostTransport;
import io.crij.image.registry.transport.Reply;
import io.crij.image.registry.transport.Request;
import io.crij.image.registry.transport.Timing;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One repository at one host, with the authorization it wants. */
final class HostSession implements AutoCloseable {
  private final RegistryHost host;
  private final HostTransport transport;
  private final Credentials credentials;
  private final String repositoryUrl;
  private final String query;
  private final TokenEndpoint tokens;

  private final ReentrantLock authorizing = new ReentrantLock();
  private volatile @Nullable String authorization;

  /**
   * @param repository the path of the reference
   * @param domain the registry whose mirror this may be
   */
  HostSession(
      RegistryHost host, Credentials credentials, String repository, String domain, Timing timing) {
    this.host = host;
    this.transport = new HostTransport(host, timing);
    this.credentials = credentials;
    this.repositoryUrl = host.base() + "/" + repository;
    // Tells a mirror of several registries which one is meant, as containerd does.
    this.query = host.upstream() ? "" : "?ns=" + domain.replace("[", "%5B").replace("]", "%5D");
    this.tokens = new TokenEndpoint(transport, repository);
    this.authorization =
        credentials instanceof Credentials.RegistryToken(String token) ? bearer(token) : null;
  }

  RegistryHost host() {
    return host;
  }

  /**
   * Gets a resource of the repository.
   *
   * @param path after the repository's name, e.g. {@code /manifests/latest}
   * @param bulk whether it may be long
   * @return an answer of success
   */
  Reply get(String path, Map<String, String> headers, boolean bulk)
      throws HostFailure, IOException {
    Request request = Request.get(URI.create(repositoryUrl + path + query)).withHeaders(headers);
    if (bulk) {
      request = request.inBulk();
    }
    String used = authorization;
    Reply reply = transport.send(request.withAuthorization(used));
    // Where a host redirects to is never shown any credentials, whatever it asks for.
    if (reply.status() == HttpStatus.UNAUTHORIZED && !reply.redirected()) {
      List<String> challenges = reply.headers().allValues("www-authenticate");
      String fresh = authorize(Challenge.parse(challenges), used);
      if (fresh == null) {
        throw HttpStatus.failure(reply);
      }
      reply.close();
      reply = transport.send(request.withAuthorization(fresh));
    }
    if (!HttpStatus.isSuccess(reply.status())) {
      throw HttpStatus.failure(reply);
    }
    return reply;
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
        return bearer(tokens.token(challenge, credentials));
      }
    }
    for (Challenge challenge : challenges) {
      if (challenge.scheme().equals("basic")) {
        if (credentials instanceof Credentials.Password password) {
          return password.basic();
        }
        throw HostFailure.lasting(
            Kind.UNAUTHENTICATED, "wants a user's name and password, and none was given for it");
      }
    }
    return null;
  }

  private static String bearer(String token) {
    return "Bearer " + token;
  }

  @Override
  public void close() {
    transport.close();
  }

  /** For messages. */
  @Override
  public String toString() {
    return host.toString();
  }
}
