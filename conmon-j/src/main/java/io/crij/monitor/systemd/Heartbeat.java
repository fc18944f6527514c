package io.crij.monitor.systemd;

import io.crij.linux.systemd.Systemd;
import io.crij.monitor.loop.EventLoop;
import java.time.Duration;
import java.util.function.Supplier;

/** Tells the service manager, while the loop turns, that it does. */
public final class Heartbeat {
  /** For what the manager had no room for, and for the line it shows. */
  private static final Duration CARE = Duration.ofMillis(200);

  private final EventLoop loop;
  private final Systemd manager;
  private final Supplier<String> status;
  private String told = "";

  /**
   * @param status a line for people
   */
  public Heartbeat(EventLoop loop, Systemd manager, Supplier<String> status) {
    this.loop = loop;
    this.manager = manager;
    this.status = status;
  }

  /** Says that the monitor is ready, and from then on that it lives. */
  public void start() {
    ready();
    if (manager.isPresent()) {
      care();
    }
    Duration interval = manager.watchdogInterval();
    if (interval != null) {
      beat(interval);
    }
  }

  /** Says that it is ready, again after it was not. */
  public void ready() {
    told = status.get();
    manager.ready(told);
  }

  private void beat(Duration interval) {
    loop.after(interval, () -> beat(interval));
    manager.alive();
  }

  private void care() {
    loop.after(CARE, this::care);
    String now = status.get();
    if (!now.equals(told)) {
      told = now;
      manager.status(now);
    }
    boolean _ = manager.trySend();
  }
}
