package io.crij.linux.cgroup;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How long the tasks of a cgroup waited for a resource: pressure stall information (Linux,
 * Documentation/accounting/psi.rst).
 *
 * @param some at least one waited
 * @param full all waited
 */
public record Pressure(Share some, Share full) {
  /**
   * A part of the time.
   *
   * @param average10 percent of the last 10 seconds; the others of 60 and 300
   * @param totalNanos since the cgroup was made
   */
  public record Share(double average10, double average60, double average300, long totalNanos) {
    private static final Share NONE = new Share(0, 0, 0, 0);
  }

  /**
   * Reads the content of a {@code .pressure} file.
   *
   * @return null when it is none
   */
  public static @Nullable Pressure parse(String text) {
    Share some = null;
    Share full = Share.NONE; // older kernels have none for the processor
    for (String line : text.split("\n", -1)) {
      if (line.startsWith("some ")) {
        some = share(line);
      } else if (line.startsWith("full ")) {
        full = share(line);
      }
    }
    return some == null ? null : new Pressure(some, full);
  }

  private static Share share(String line) {
    return new Share(
        Double.parseDouble(value(line, " avg10=")),
        Double.parseDouble(value(line, " avg60=")),
        Double.parseDouble(value(line, " avg300=")),
        TimeUnit.MICROSECONDS.toNanos(Long.parseLong(value(line, " total="))));
  }

  private static String value(String line, String name) {
    int at = line.indexOf(name);
    if (at < 0) {
      return "0";
    }
    int start = at + name.length();
    int end = line.indexOf(' ', start);
    return line.substring(start, end < 0 ? line.length() : end);
  }
}
