package io.crij.server.streaming.forward;

import io.crij.linux.Fd;
import io.crij.runtime.pod.PortForward;

/** The pod that a client forwards ports of. */
public record ForwardedPod(PortForward forward, String id) {
  /** May take its time; throws as {@link PortForward#connect}. */
  Fd connect(int port) {
    return forward.connect(id, port);
  }
}
