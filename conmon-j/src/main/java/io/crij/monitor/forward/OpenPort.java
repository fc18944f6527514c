package io.crij.monitor.forward;

/** A port that leads elsewhere, until it is closed; on the loop's thread. */
sealed interface OpenPort extends AutoCloseable permits StreamPort, DatagramPort {
  @Override
  void close();
}
