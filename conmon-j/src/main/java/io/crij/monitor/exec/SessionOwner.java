package io.crij.monitor.exec;

import io.crij.monitor.v1.SessionEnded;

/** The connection that a session belongs to; told on the loop's thread. */
public interface SessionOwner {
  /** The process has ended. */
  void ended(SessionEnded end);
}
