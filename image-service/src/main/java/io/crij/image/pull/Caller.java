package io.crij.image.pull;

import io.crij.image.work.Priority;
import java.time.Duration;

/** Who asks for an image. */
public enum Caller {
  /** A client of the CRI. A kubelet that restarts asks again, and finds its pull under way. */
  NODE_AGENT(Priority.NORMAL, Duration.ofMinutes(1)),
  /** Somebody at the node, who ends what he no longer wants. */
  PERSON(Priority.PREFETCH, Duration.ZERO);

  private final Priority priority;
  private final Duration patience;

  Caller(Priority priority, Duration patience) {
    this.priority = priority;
    this.patience = patience;
  }

  Priority priority() {
    return priority;
  }

  /** How long a pull goes on that was only wanted by such a caller, who has left. */
  Duration patience() {
    return patience;
  }
}
