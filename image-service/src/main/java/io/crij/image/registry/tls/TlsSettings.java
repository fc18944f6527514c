package io.crij.image.registry.tls;

import java.nio.file.Path;
import java.util.List;

/**
 * How a host proves itself, and we to it.
 *
 * @param authorities PEM files with certificates trusted beside the system's
 * @param clients our certificates
 * @param skipVerify whether any certificate will do
 */
public record TlsSettings(List<Path> authorities, List<ClientPair> clients, boolean skipVerify) {
  /** The system's certificates, and none of our own. */
  public static final TlsSettings DEFAULT = new TlsSettings(List.of(), List.of(), false);

  /**
   * A certificate and its private key.
   *
   * @param key the same file, if it holds both
   */
  public record ClientPair(Path certificate, Path key) {}

  public TlsSettings {
    authorities = List.copyOf(authorities);
    clients = List.copyOf(clients);
  }

  /**
   * For a host that this one redirected to: a client certificate would tell a stranger who we are.
   * Its private authorities, or the wish not to verify, hold on, because the redirect itself was
   * trusted on their word, nothing secret is sent, and what comes is verified by digest.
   */
  public TlsSettings withoutClients() {
    return new TlsSettings(authorities, List.of(), skipVerify);
  }

  /** The same, and any certificate of the host's will do. */
  public TlsSettings withoutVerification() {
    return new TlsSettings(authorities, clients, true);
  }
}
