package io.crij.linux.process;

import com.sun.jna.Memory;
import io.crij.linux.LinuxException;

/**
 * The limit of open files, {@code RLIMIT_NOFILE}.
 *
 * <p>A monitor of many containers needs more than the usual 1024, but what it starts must not
 * inherit that: programs that use select(2) break above it, others walk all numbers up to it. The
 * JVM must be started with {@code -XX:-MaxFDLimit}, or it raises the limit before we can see it.
 */
public final class OpenFileLimit {
  private static final int RLIMIT_NOFILE = 7;
  private static final int BYTES = 16;

  /** As this process was started. */
  private static volatile long originalSoft = get(0);

  private OpenFileLimit() {}

  /** How many files this process may have open. */
  public static long soft() {
    return get(0);
  }

  /** The limit this process was started with. */
  public static long original() {
    return originalSoft;
  }

  /**
   * Says what the limit was when this process was started, to a program that is not the first it
   * runs (execve(2)) and so finds it raised. Before anything is started.
   */
  public static void originalWas(long soft) {
    originalSoft = soft;
  }

  /** Raises this process's own limit to {@code wanted}, or as far as it may. */
  public static void raise(long wanted) {
    long hard = get(Long.BYTES);
    long soft = Long.compareUnsigned(hard, wanted) < 0 ? hard : wanted;
    if (Long.compareUnsigned(soft, soft()) <= 0) {
      return;
    }
    try (Memory limit = limits(soft, hard)) {
      if (ProcessLibrary.setrlimit(RLIMIT_NOFILE, limit) != 0) {
        throw LinuxException.last("setrlimit", "RLIMIT_NOFILE " + soft);
      }
    }
  }

  /** Whether this process has another limit than what it starts is to have. */
  static boolean isRaised() {
    return soft() != originalSoft;
  }

  private static Memory limits(long soft, long hard) {
    Memory limit = new Memory(BYTES);
    limit.setLong(0, soft);
    limit.setLong(Long.BYTES, hard);
    return limit;
  }

  private static long get(int offset) {
    try (Memory limit = new Memory(BYTES)) {
      if (ProcessLibrary.getrlimit(RLIMIT_NOFILE, limit) != 0) {
        throw LinuxException.last("getrlimit", "RLIMIT_NOFILE");
      }
      return limit.getLong(offset);
    }
  }
}
