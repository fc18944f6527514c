package io.crij.server.streaming.client;

import io.crij.cri.v1.AttachRequest;
import io.crij.cri.v1.ExecRequest;

/** What a client of exec or attach has asked for. */
public record RequestedStreams(boolean stdin, boolean stdout, boolean stderr, boolean tty) {
  public static RequestedStreams of(ExecRequest request) {
    return new RequestedStreams(
        request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
  }

  public static RequestedStreams of(AttachRequest request) {
    return new RequestedStreams(
        request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
  }
}
