package io.crij.monitor.log;

import io.crij.linux.Fd;
import io.crij.monitor.attach.StreamTap;

/** A container's output on its way to the log; to be used on the loop's thread. */
public sealed interface LoggedStream extends AutoCloseable permits LoggedPipe, LoggedTerminal {
  /** Logs what is there now, without waiting for more. */
  void drainNow();

  /** The end that is read; kept by others too. */
  Fd fd();

  /** Where clients see it as it comes. */
  StreamTap tap();

  /** Whether all writers are gone and all they wrote is logged. */
  boolean isEnded();

  @Override
  void close();
}
