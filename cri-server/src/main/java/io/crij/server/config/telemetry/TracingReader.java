package io.crij.server.config.telemetry;

import io.crij.server.config.given.Given;
import io.crij.server.config.given.Key;
import java.net.URI;
import java.net.URISyntaxException;

/** Turns what was given of traces into their configuration. */
public final class TracingReader {
  private static final long MILLION = 1_000_000;

  private final Given given;

  public TracingReader(Given given) {
    this.given = given;
  }

  public TracingConfig read() {
    return new TracingConfig(given.isSet(Key.ENABLE_TRACING), endpoint(), samplesPerMillion());
  }

  private String endpoint() {
    String endpoint = given.get(Key.TRACING_ENDPOINT).string();
    try {
      URI uri = new URI("http://" + endpoint);
      if (uri.getHost() != null
          && uri.getPort() > 0
          && uri.getUserInfo() == null
          && endpoint.equals(uri.getAuthority())) {
        return endpoint;
      }
    } catch (URISyntaxException _) {
      // As for one that is no host and port.
    }
    throw given.wrong(Key.TRACING_ENDPOINT, "'" + endpoint + "' is not host:port");
  }

  private long samplesPerMillion() {
    long samples = given.number(Key.TRACING_SAMPLING_RATE_PER_MILLION);
    if (samples < 0 || samples > MILLION) {
      throw given.wrong(
          Key.TRACING_SAMPLING_RATE_PER_MILLION, samples + " is not between 0 and " + MILLION);
    }
    return samples;
  }
}
