package io.crij.server.config.telemetry;

import io.crij.server.config.given.AbsolutePath;
import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import io.crij.server.tls.TlsSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Turns what was given of metrics into their configuration. */
public final class MetricsReader {
  private static final int MAX_PORT = 65_535;

  private final Given given;

  public MetricsReader(Given given) {
    this.given = given;
  }

  public MetricsConfig read() {
    boolean enabled = given.isSet(Key.ENABLE_METRICS);
    InetSocketAddress address = address();
    Path socket = socket();
    if (enabled && address == null && socket == null) {
      throw given.wrong(
          Key.METRICS_PORT, "0, and there is no " + Key.METRICS_SOCKET.path() + " either");
    }
    return new MetricsConfig(enabled, address, tls(), socket, chosen());
  }

  private @Nullable Set<String> chosen() {
    List<String> words = given.get(Key.METRICS_COLLECTORS).strings();
    if (words.isEmpty()) {
      return null;
    }
    Set<String> chosen = new TreeSet<>();
    for (String word : words) {
      Set<String> metrics = Collectors.metrics(word);
      if (metrics == null) {
        throw given.wrong(Key.METRICS_COLLECTORS, "'" + word + "' is the name of no metric");
      }
      chosen.addAll(metrics);
    }
    return chosen;
  }

  private @Nullable TlsSettings tls() {
    boolean hasCertificate = !given.get(Key.METRICS_CERT).string().isEmpty();
    boolean hasKey = !given.get(Key.METRICS_KEY).string().isEmpty();
    if (hasCertificate != hasKey) {
      Key there = hasKey ? Key.METRICS_KEY : Key.METRICS_CERT;
      Key missing = hasKey ? Key.METRICS_CERT : Key.METRICS_KEY;
      throw given.wrong(there, "there is no " + missing.path());
    }
    return hasKey ? TlsSettings.read(given, Key.METRICS_CERT, Key.METRICS_KEY, null) : null;
  }

  private @Nullable InetSocketAddress address() {
    InetAddress host = host();
    String text = given.get(Key.METRICS_PORT).string();
    long port = Long.parseLong(text);
    if (port < 0 || port > MAX_PORT) {
      throw given.wrong(Key.METRICS_PORT, text + " is no port");
    }
    return port == 0 ? null : new InetSocketAddress(host, (int) port);
  }

  /** An address: a name might be another's tomorrow. */
  private InetAddress host() {
    String host = given.get(Key.METRICS_HOST).string();
    try {
      return host.equals("localhost")
          ? InetAddress.getLoopbackAddress()
          : InetAddress.ofLiteral(host);
    } catch (IllegalArgumentException _) {
      throw given.wrong(Key.METRICS_HOST, "'" + host + "' is no IP address");
    }
  }

  private @Nullable Path socket() {
    Given.Value socket = given.get(Key.METRICS_SOCKET);
    return socket.string().isEmpty()
        ? null
        : AbsolutePath.socket(socket.origin(), Key.METRICS_SOCKET.path(), socket.string());
  }
}
