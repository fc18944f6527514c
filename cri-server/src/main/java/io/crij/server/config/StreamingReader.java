package io.crij.server.config;

import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import io.crij.server.streaming.StreamingConfig;
import io.crij.server.streaming.StreamingConfig.Tls;
import io.crij.server.streaming.command.CommandSessions.Disconnect;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The settings of the streaming server. */
final class StreamingReader {
  private static final int MAX_PORT = 65535;
  private static final Duration LONGEST_GRACE = Duration.ofHours(1);

  private final Given given;

  StreamingReader(Given given) {
    this.given = given;
  }

  StreamingConfig read() {
    return new StreamingConfig(
        address(),
        port(),
        duration(Key.STREAM_IDLE_TIMEOUT, "4h"),
        new Disconnect(keep(), grace()),
        tls());
  }

  private @Nullable Tls tls() {
    if (!Boolean.parseBoolean(given.get(Key.STREAM_ENABLE_TLS, "false").string())) {
      return null;
    }
    return new Tls(
        file(Key.STREAM_TLS_CERT),
        file(Key.STREAM_TLS_KEY),
        given.get(Key.STREAM_TLS_CA, "").string().isEmpty() ? null : file(Key.STREAM_TLS_CA),
        minVersion(),
        given.get(Key.TLS_CIPHER_SUITES).strings());
  }

  private Path file(Key key) {
    Given.Value value = given.get(key, "");
    return ConfigReader.absolute(value.origin(), key.path(), value.string());
  }

  /** As CRI-O and the kubelet write it. */
  private String minVersion() {
    String word = given.get(Key.TLS_MIN_VERSION, "VersionTLS12").string();
    return switch (word) {
      case "VersionTLS12" -> "TLSv1.2";
      case "VersionTLS13" -> "TLSv1.3";
      default ->
          throw given.wrong(
              Key.TLS_MIN_VERSION, "'" + word + "' is none of VersionTLS12, VersionTLS13");
    };
  }

  private String address() {
    String address = given.get(Key.STREAM_ADDRESS, "127.0.0.1").string();
    try {
      return InetAddress.ofLiteral(address).getHostAddress();
    } catch (IllegalArgumentException _) {
      throw given.wrong(Key.STREAM_ADDRESS, "not an IP address: '" + address + "'");
    }
  }

  private int port() {
    String port = given.get(Key.STREAM_PORT, "0").string();
    try {
      int number = Integer.parseInt(port);
      if (number >= 0 && number <= MAX_PORT) {
        return number;
      }
    } catch (NumberFormatException _) {
      // As for a number that is none.
    }
    throw given.wrong(Key.STREAM_PORT, "not a port: '" + port + "'");
  }

  private boolean keep() {
    String word = given.get(Key.EXEC_DISCONNECT, "hangup").string();
    return switch (word) {
      case "hangup" -> false;
      case "keep" -> true;
      default -> throw given.wrong(Key.EXEC_DISCONNECT, "'" + word + "' is none of hangup, keep");
    };
  }

  private Duration grace() {
    Duration grace = duration(Key.EXEC_HANGUP_GRACE, "5s");
    if (grace.isZero() || grace.compareTo(LONGEST_GRACE) > 0) {
      throw given.wrong(Key.EXEC_HANGUP_GRACE, "neither positive nor at most 1h");
    }
    return grace;
  }

  private Duration duration(Key key, String fallback) {
    Given.Value value = given.get(key, fallback);
    // As in CRI-O's file, where it is empty by default.
    String text = value.string().isEmpty() ? fallback : value.string();
    return GoDuration.parse(value.origin(), key.path(), text);
  }
}
