package io.crij.runtime.monitor;

import io.crij.linux.LinuxException;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.Signals;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a monitor that is connected does anything. One that was stopped, or whose loop spins,
 * keeps its connection, and meanwhile containers wait with their output. It is killed after a
 * while: its successor finds everything, while it would not even let itself be asked.
 */
final class Pulse {
  /** How often it is asked. */
  static final Duration INTERVAL = Duration.ofSeconds(3);

  private static final Logger log = LoggerFactory.getLogger(Pulse.class);

  private final Handshake handshake;
  private final int pid;
  private final Limits limits;
  private long lastAnswer = System.nanoTime();

  /**
   * How long a monitor may be silent.
   *
   * @param answer until then nothing is said of it
   * @param killed at this it is killed; much longer than any overload of a node should take
   */
  record Limits(Duration answer, Duration killed) {
    static final Limits USUAL = new Limits(Duration.ofSeconds(3), Duration.ofSeconds(60));
  }

  Pulse(MonitorConnection connection, Limits limits) {
    this.handshake = new Handshake(connection);
    this.pid = connection.peerPid();
    this.limits = limits;
  }

  /** Asks it; false when it does not answer in time. */
  boolean beats() throws ConnectionLost, InterruptedException {
    try {
      MonitorInfo _ = handshake.hello(limits.answer());
      lastAnswer = System.nanoTime();
      return true;
    } catch (MonitorFailure e) {
      log.warn("the monitor does not know a greeting: {}", e.getMessage());
      return true;
    } catch (TimeoutException _) {
      return false;
    }
  }

  /** Since when it is silent, in words. */
  String silence() {
    return "the monitor conmon-j, process %d, has not answered for %d s"
        .formatted(pid, sinceAnswer().toSeconds());
  }

  private Duration sinceAnswer() {
    return Duration.ofNanos(System.nanoTime() - lastAnswer);
  }

  /** Kills it if it has been silent for too long; the end of its connection follows. */
  void killIfSilent() {
    if (sinceAnswer().compareTo(limits.killed()) < 0) {
      return;
    }
    // Its connection stands, so it lives, and the number is its own.
    try (Pidfd process = Pidfd.open(pid)) {
      log.error("{} and is killed; another one goes on with its containers", silence());
      process.signal(Signals.SIGKILL);
    } catch (LinuxException e) {
      log.error("the monitor cannot be killed: {}", e.getMessage());
    }
  }
}
