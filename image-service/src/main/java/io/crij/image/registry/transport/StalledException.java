package io.crij.image.registry.transport;

import java.io.IOException;
import java.time.Duration;

/** A host that is connected and sends nothing, or next to nothing. */
public final class StalledException extends IOException {
  private static final long serialVersionUID = 1;

  StalledException(String message) {
    super(message);
  }

  /** A time as people say it. */
  static String seconds(Duration time) {
    return time.toMillis() / 1000.0 + " s";
  }
}
