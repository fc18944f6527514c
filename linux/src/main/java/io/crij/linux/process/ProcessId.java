package io.crij.linux.process;

import org.jspecify.annotations.Nullable;

/**
 * A process for good: pids are used again, a pid with its start time is not.
 *
 * @param startTimeTicks field 22 of {@code /proc/PID/stat}, in clock ticks since boot
 */
public record ProcessId(int pid, long startTimeTicks) {
  public ProcessId {
    if (pid <= 0) {
      throw new IllegalArgumentException("not a process id: " + pid);
    }
  }

  /** The process that has this pid now, a zombie too; null if there is none. */
  public static @Nullable ProcessId find(int pid) {
    ProcessStat stat = ProcessStat.read(pid);
    return stat == null ? null : stat.id();
  }

  /** Its entry in {@code /proc}, which a zombie has too; null once it was reaped. */
  public @Nullable ProcessStat stat() {
    ProcessStat stat = ProcessStat.read(pid);
    return stat == null || stat.startTimeTicks() != startTimeTicks ? null : stat;
  }

  /** Whether it runs: there, and no zombie. */
  public boolean isAlive() {
    ProcessStat stat = stat();
    return stat != null && stat.isAlive();
  }
}
