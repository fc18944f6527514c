package io.crij.monitor.exec;

import io.crij.monitor.v1.SessionEnded;

/** The connection that a session belongs to; told on the loop's thread. */
public interface SessionOwner {
  /** From now on it is to be told when its connection ends; perhaps it has already. */
  void owns();

  /** The number of the connection's descriptor; 0 once it has ended. */
  int connection();

  /** The process has ended. */
  void ended(SessionEnded end);
}
