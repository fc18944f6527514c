package io.crij.runtime.container;

import io.crij.cri.v1.AttachRequest;
import io.crij.cri.v1.ExecRequest;
import io.crij.runtime.ServiceException;

/** Which streams of a process a client of exec or attach has asked for. */
public record RequestedStreams(boolean stdin, boolean stdout, boolean stderr, boolean tty) {
  public static RequestedStreams of(ExecRequest request) {
    return new RequestedStreams(
        request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
  }

  public static RequestedStreams of(AttachRequest request) {
    return new RequestedStreams(
        request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
  }

  /** CRI: "One of stdin, stdout, and stderr must be true", "stderr ... must be false if tty". */
  void require() {
    if (!stdin && !stdout && !stderr) {
      throw new ServiceException.InvalidArgument("none of stdin, stdout and stderr is asked for");
    }
    if (tty && stderr) {
      throw new ServiceException.InvalidArgument("stderr with a tty: a terminal has one output");
    }
  }
}
