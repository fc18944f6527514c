package io.crij.image.registry.transport;

import java.io.IOException;

/** A host that is connected and sends nothing, or next to nothing. */
public final class StalledException extends IOException {
  private static final long serialVersionUID = 1;

  StalledException(String message) {
    super(message);
  }
}
