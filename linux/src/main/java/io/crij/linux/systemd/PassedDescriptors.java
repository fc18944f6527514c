package io.crij.linux.systemd;

import io.crij.linux.Fd;
import io.crij.linux.exec.CloseOnExec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Descriptors that the service manager has given this process at its start: sd_listen_fds(3). */
public final class PassedDescriptors {
  private static final int FIRST = 3;

  private PassedDescriptors() {}

  /** A descriptor with the name it was stored by; owned by whoever takes it. */
  public record Passed(String name, Fd fd) {}

  /**
   * Takes them; once in a process. None when the environment means another process, which has
   * started this one.
   */
  public static List<Passed> take(Map<String, String> environment) {
    String pid = Long.toString(ProcessHandle.current().pid());
    String count = environment.getOrDefault("LISTEN_FDS", "");
    if (!environment.getOrDefault("LISTEN_PID", "").equals(pid) || !count.matches("[0-9]{1,6}")) {
      return List.of();
    }
    CloseOnExec.all();
    String[] names = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
    List<Passed> passed = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(count); i++) {
      if (CloseOnExec.isOpen(FIRST + i)) {
        passed.add(new Passed(i < names.length ? names[i] : "", Fd.owning(FIRST + i)));
      }
    }
    return passed;
  }
}
