package io.crij.server.streaming.spdy;

/** What a client sent breaks the protocol, or a bound of ours. */
final class SpdyException extends RuntimeException {
  private static final long serialVersionUID = 1;

  SpdyException(String message) {
    super(message);
  }
}
