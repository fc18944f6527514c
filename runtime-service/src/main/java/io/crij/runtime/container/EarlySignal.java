package io.crij.runtime.container;

import io.crij.linux.process.ProcessId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A stop signal that was perhaps sent too early. The kernel drops a signal to the first process of
 * a PID namespace that has no handler for it, pid_namespaces(7): a container asked to stop within
 * milliseconds of its start, before its program has got that far, would live to SIGKILL. Such a
 * signal is sent once more when there is a handler.
 */
final class EarlySignal {
  /** How long a program may take to get ready. */
  private static final Duration WATCH = Duration.ofSeconds(5);

  private static final String CAUGHT = "SigCgt:";

  private final ProcessId process;
  private final int signal;
  private final long until = System.nanoTime() + WATCH.toNanos();
  private boolean dropped;

  /** To be made right before the signal is sent. */
  EarlySignal(ProcessId process, int signal) {
    this.process = process;
    this.signal = signal;
    // Looked at before: a handler that comes up between look and signal hears it twice, which is
    // rare, and better than never; looked at afterwards, the signal would be taken for heard.
    this.dropped = !isCaught();
  }

  /** True once: when the signal was dropped and would be heard now. */
  boolean isDue() {
    if (!dropped || System.nanoTime() - until > 0 || !isCaught()) {
      return false;
    }
    dropped = false;
    return true;
  }

  private boolean isCaught() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
        if (line.startsWith(CAUGHT)) {
          long mask = Long.parseUnsignedLong(line.substring(CAUGHT.length()).strip(), 16);
          return (mask >>> (signal - 1) & 1) != 0 && process.isAlive();
        }
      }
      return false;
    } catch (IOException e) {
      // It has ended.
      return false;
    }
  }
}
