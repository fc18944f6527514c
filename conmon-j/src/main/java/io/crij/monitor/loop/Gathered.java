package io.crij.monitor.loop;

/** Input that is left to gather for a moment before it is worked on. */
public interface Gathered {
  /** Whether so much is expected to be there that waiting gains nothing. */
  boolean isUrgent();

  /** Works on what there is; called once for each {@link EventLoop#gather}. */
  void drain();
}
