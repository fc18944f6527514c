package io.crij.server.streaming.command;

import io.crij.linux.Fd;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A process of a container with its streams here. */
interface ProcessStreams {
  /** Where to write its input; null when it takes none. */
  @Nullable Fd stdin();

  /** Where to read its output; null when there is none. May be the same as {@link #stdin}. */
  @Nullable Fd stdout();

  @Nullable Fd stderr();

  /** Completed with how it ended. */
  CompletableFuture<Outcome> end();

  /** Sets its terminal's size, in characters; may take its time. */
  void resize(int rows, int columns);

  /** The client has ended its stdin, all of which was written; may take its time. */
  void closeStdin();

  /** Closes its streams and lets go of it; may take its time. */
  void close();
}
