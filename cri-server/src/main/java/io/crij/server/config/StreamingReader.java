package io.crij.server.config;

import io.crij.server.config.given.Given;
import io.crij.server.config.given.GoDuration;
import io.crij.server.config.given.Key;
import io.crij.server.streaming.StreamingConfig;
import io.crij.server.streaming.command.CommandSessions.Disconnect;
import io.crij.server.tls.TlsSettings;
import java.net.InetAddress;
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
        duration(Key.STREAM_IDLE_TIMEOUT),
        new Disconnect(keep(), grace()),
        tls());
  }

  private @Nullable TlsSettings tls() {
    return given.isSet(Key.STREAM_ENABLE_TLS)
        ? TlsSettings.read(given, Key.STREAM_TLS_CERT, Key.STREAM_TLS_KEY, Key.STREAM_TLS_CA)
        : null;
  }

  private String address() {
    String address = given.get(Key.STREAM_ADDRESS).string();
    try {
      return InetAddress.ofLiteral(address).getHostAddress();
    } catch (IllegalArgumentException _) {
      throw given.wrong(Key.STREAM_ADDRESS, "not an IP address: '" + address + "'");
    }
  }

  private int port() {
    String port = given.get(Key.STREAM_PORT).string();
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
    String word = given.get(Key.EXEC_DISCONNECT).string();
    return switch (word) {
      case "hangup" -> false;
      case "keep" -> true;
      default -> throw given.wrong(Key.EXEC_DISCONNECT, "'" + word + "' is none of hangup, keep");
    };
  }

  private Duration grace() {
    Duration grace = duration(Key.EXEC_HANGUP_GRACE);
    if (grace.isZero() || grace.compareTo(LONGEST_GRACE) > 0) {
      throw given.wrong(Key.EXEC_HANGUP_GRACE, "neither positive nor at most 1h");
    }
    return grace;
  }

  private Duration duration(Key key) {
    Given.Value value = given.get(key);
    // As in CRI-O's file, where it is empty by default.
    String text = value.string().isEmpty() ? key.fallback().getFirst() : value.string();
    return GoDuration.parse(value.origin(), key.path(), text);
  }
}
