package io.crij.server.tls;

import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * TLS of a server, whose files are read again when they have changed.
 *
 * @param certificate PEM, with those of its issuers
 * @param key PEM: PKCS#8, PKCS#1 or SEC 1, not encrypted
 * @param clientAuthority PEM of who vouches for clients; null: any client
 * @param minVersion as in {@code TLSv1.2}
 * @param ciphers their names in TLS; empty: those of the JDK
 */
public record TlsSettings(
    Path certificate,
    Path key,
    @Nullable Path clientAuthority,
    String minVersion,
    List<String> ciphers) {
  public TlsSettings {
    ciphers = List.copyOf(ciphers);
  }

  /**
   * Of a server, as it was given, with the version and the ciphers of all servers.
   *
   * @param certificate what names its file; so for the others
   * @param clientAuthority null: any client
   */
  public static TlsSettings read(
      Given given, Key certificate, Key key, @Nullable Key clientAuthority) {
    return new TlsSettings(
        given.path(certificate),
        given.path(key),
        clientAuthority == null ? null : given.optionalPath(clientAuthority),
        minVersion(given),
        given.get(Key.TLS_CIPHER_SUITES).strings());
  }

  /** As CRI-O and the kubelet write it. */
  private static String minVersion(Given given) {
    String word = given.get(Key.TLS_MIN_VERSION).string();
    return switch (word) {
      case "VersionTLS12" -> "TLSv1.2";
      case "VersionTLS13" -> "TLSv1.3";
      default ->
          throw given.wrong(
              Key.TLS_MIN_VERSION, "'" + word + "' is none of VersionTLS12, VersionTLS13");
    };
  }
}
