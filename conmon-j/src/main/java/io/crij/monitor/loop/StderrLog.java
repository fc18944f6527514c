package io.crij.monitor.loop;

import java.time.Instant;

/** The monitor's own log: a line each on stderr, for the operator. */
public final class StderrLog {
  private StderrLog() {}

  public static void info(String message) {
    System.err.println(Instant.now() + " conmon-j " + message);
  }

  /** A failure that was handled here. */
  public static void failure(String message, Throwable cause) {
    StringBuilder text = new StringBuilder(message).append(": ").append(cause);
    if (!(cause instanceof io.crij.linux.LinuxException)) {
      for (StackTraceElement frame : cause.getStackTrace()) {
        text.append("\n    at ").append(frame);
      }
    }
    info(text.toString());
  }
}
