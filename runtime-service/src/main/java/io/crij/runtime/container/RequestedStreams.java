package io.crij.runtime.container;

import io.crij.runtime.ServiceException;

/** Which streams of a process a client may ask for. */
final class RequestedStreams {
  private RequestedStreams() {}

  /** CRI: "One of stdin, stdout, and stderr must be true", "stderr ... must be false if tty". */
  static void require(boolean stdin, boolean stdout, boolean stderr, boolean tty) {
    if (!stdin && !stdout && !stderr) {
      throw new ServiceException.InvalidArgument("none of stdin, stdout and stderr is asked for");
    }
    if (tty && stderr) {
      throw new ServiceException.InvalidArgument("stderr with a tty: a terminal has one output");
    }
  }
}
