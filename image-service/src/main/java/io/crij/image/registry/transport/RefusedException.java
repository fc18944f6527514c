package io.crij.image.registry.transport;

import java.io.IOException;

/** An answer that we do not follow or read, whatever the next attempt would bring. */
public final class RefusedException extends IOException {
  private static final long serialVersionUID = 1;

  public RefusedException(String message) {
    super(message);
  }
}
