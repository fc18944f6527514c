package io.crij.server.streaming;

import io.crij.server.streaming.command.CommandSessions.Disconnect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the streaming server.
 *
 * @param address where it listens: an IP address
 * @param port 0: one that is free
 * @param idleTimeout a connection on which nothing moves for so long is closed; zero: never
 * @param disconnect what becomes of processes whose client is gone
 * @param tls null: without
 */
public record StreamingConfig(
    String address, int port, Duration idleTimeout, Disconnect disconnect, @Nullable Tls tls) {

  /**
   * TLS, whose files are read again when they have changed.
   *
   * @param certificate PEM, with those of its issuers
   * @param key PEM: PKCS#8, PKCS#1 or SEC 1, not encrypted
   * @param clientAuthority PEM of who vouches for clients; null: any client
   * @param minVersion as in {@code TLSv1.2}
   * @param ciphers their names in TLS; empty: those of the JDK
   */
  public record Tls(
      Path certificate,
      Path key,
      @Nullable Path clientAuthority,
      String minVersion,
      List<String> ciphers) {
    public Tls {
      ciphers = List.copyOf(ciphers);
    }
  }
}
