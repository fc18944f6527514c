package io.crij.monitor.loop;

/** Input that is left to gather for a moment before it is worked on. */
public interface Gathered {
  /** When waiting gains nothing any more, by {@link System#nanoTime}; asked once a turn. */
  long dueNanos();

  /** Works on what there is; called once for each {@link EventLoop#gather}, and bounded. */
  void drain();
}
