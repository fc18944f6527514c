package io.crij.server.streaming.client;

import org.jspecify.annotations.Nullable;

/**
 * The streams of a client that executes a command or attaches; null what it has not opened.
 *
 * @param error gets how it ended
 * @param resize sends the sizes of its terminal
 * @param statusFormat how it is told how it ended
 */
public record CommandStreams(
    ClientConnection connection,
    @Nullable ClientStream stdin,
    @Nullable ClientStream stdout,
    @Nullable ClientStream stderr,
    @Nullable ClientStream error,
    @Nullable ClientStream resize,
    StatusFormat statusFormat) {

  /** How a client is told how its command ended. */
  public enum StatusFormat {
    /** Protocols before the fourth: a text, and nothing at a success. */
    TEXT,
    /** The Status object of the Kubernetes API as JSON, with the exit code. */
    JSON
  }
}
