package io.crij.image.registry.hosts;

import io.crij.image.registry.tls.TlsSettings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A host that serves a registry's images: the registry itself or a mirror.
 *
 * @param base the start of every URL there, e.g. {@code https://mirror.example:5000/v2}; plain
 *     {@code http} only if configured so
 * @param upstream whether this is the registry itself
 * @param headers sent with each request to this host, and to no other
 * @param connectTimeout how long a connection may take
 * @param plainFallback whether it may be asked without TLS if it does not speak TLS
 */
public record RegistryHost(
    URI base,
    boolean upstream,
    Set<Capability> capabilities,
    TlsSettings tls,
    Map<String, List<String>> headers,
    Duration connectTimeout,
    boolean plainFallback) {
  /** Unless configured otherwise. */
  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);

  public RegistryHost {
    capabilities = Set.copyOf(capabilities);
    headers = Map.copyOf(headers);
  }

  /** What a host may be asked for. */
  public enum Capability {
    /** Content by digest. */
    PULL,
    /** The digest behind a tag. */
    RESOLVE,
    PUSH;

    /** As written in hosts.toml. */
    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The same host without TLS. */
  public RegistryHost withoutTls() {
    URI plain = URI.create(base.toString().replaceFirst("^https:", "http:"));
    return new RegistryHost(plain, upstream, capabilities, tls, headers, connectTimeout, false);
  }

  public boolean can(Capability capability) {
    return capabilities.contains(capability);
  }

  /** Whether the administrator chose http without TLS for this host. */
  public boolean isPlain() {
    return base.getScheme().equals("http");
  }

  /** The URL without the API's version: for messages. */
  @Override
  public String toString() {
    String url = base.toString();
    return url.endsWith("/v2") ? url.substring(0, url.length() - "/v2".length()) : url;
  }
}
