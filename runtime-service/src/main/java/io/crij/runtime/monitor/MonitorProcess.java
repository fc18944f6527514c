package io.crij.runtime.monitor;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.process.ChildProcess;
import io.crij.linux.process.Command;
import io.crij.linux.process.Stdio;
import io.crij.runtime.cgroup.ControlGroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts conmon-j, detached: a session and a cgroup of its own, so that neither our end nor a pod's
 * limits touch it.
 */
final class MonitorProcess {
  private static final Logger log = LoggerFactory.getLogger(MonitorProcess.class);

  private final List<String> command;
  private final Path logFile;
  private final ControlGroups cgroups;
  private final String cgroup;

  /**
   * @param command without {@code --runroot}
   * @param logFile for both its streams
   * @param cgroup made for it
   */
  MonitorProcess(
      List<String> command, Path runroot, Path logFile, ControlGroups cgroups, String cgroup) {
    this.command = new ArrayList<>(command);
    this.command.addAll(List.of("--runroot", runroot.toString()));
    this.logFile = logFile;
    this.cgroups = cgroups;
    this.cgroup = cgroup;
  }

  /**
   * Starts it; it listens some time later.
   *
   * @throws LinuxException when the program cannot be executed
   */
  ChildProcess start() {
    Command program = Command.of(command);
    String javaHome = System.getenv("JAVA_HOME");
    if (javaHome != null) {
      program = program.withEnvironment(Map.of("JAVA_HOME", javaHome));
    }
    makeFolder(logFile);
    try (Fd nothing = Fd.open("/dev/null", Fd.O_RDONLY, 0);
        Fd output = Fd.open(logFile.toString(), Fd.O_WRONLY | Fd.O_CREAT | Fd.O_APPEND, 0600)) {
      ChildProcess process = ChildProcess.start(program, new Stdio(nothing, output, output));
      log.info("started the monitor, process {}, log {}", process.pid(), logFile);
      cgroups.add(cgroup, process.pid());
      return process;
    }
  }

  private static void makeFolder(Path file) {
    try {
      Files.createDirectories(
          file.toAbsolutePath().getParent(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new UncheckedIOException("make the folder of " + file + ": " + e.getMessage(), e);
    }
  }
}
