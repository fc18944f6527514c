package io.crij.server.streaming.client;

/** A client's connection that carries streams; used on its event loop alone. */
public interface ClientConnection {
  /** What moves on it. */
  Flow flow();

  /** Ends it as the protocol does, once all that was written has gone. */
  void end();
}
