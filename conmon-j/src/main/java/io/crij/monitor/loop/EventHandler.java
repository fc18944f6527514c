package io.crij.monitor.loop;

/** Told on the loop's thread that something happened to a watched descriptor. */
public interface EventHandler {
  /**
   * @param events bits of {@link io.crij.linux.io.Epoll}
   */
  void ready(int events);
}
