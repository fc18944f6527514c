package io.crij.linux.process;

/**
 * How a process ended.
 *
 * @param code what it gave to exit(2), 0 to 255; 0 when a signal killed it
 * @param signal the signal that killed it; 0 when it ended by itself
 */
public record ExitStatus(int code, int signal) {
  private static final int KILLED_BASE = 128;

  /** From the status word of wait(2), also found in {@code /proc/PID/stat} and pidfd_info. */
  public static ExitStatus ofWaitStatus(int status) {
    int signal = status & 0x7f;
    return signal == 0 ? new ExitStatus((status >> 8) & 0xff, 0) : new ExitStatus(0, signal);
  }

  /** The exit code as shells and the CRI count it: 128 + signal for a killed process. */
  public int shellCode() {
    return signal == 0 ? code : KILLED_BASE + signal;
  }

  public boolean isSuccess() {
    return code == 0 && signal == 0;
  }
}
