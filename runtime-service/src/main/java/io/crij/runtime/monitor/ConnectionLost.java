package io.crij.runtime.monitor;

/** The connection to the monitor ended before it answered: nobody knows what it did. */
final class ConnectionLost extends Exception {
  private static final long serialVersionUID = 1;

  ConnectionLost(String message) {
    super(message);
  }
}
