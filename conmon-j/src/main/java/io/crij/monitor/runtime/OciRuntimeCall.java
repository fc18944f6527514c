package io.crij.monitor.runtime;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.process.ChildProcess;
import io.crij.linux.process.Command;
import io.crij.linux.process.CurrentProcess;
import io.crij.linux.process.ExitStatus;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.ProcessStat;
import io.crij.linux.process.ProcessTree;
import io.crij.linux.process.Stdio;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.v1.OciRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Calls the OCI runtime, within a time limit. Blocks; for platform threads. */
public final class OciRuntimeCall {
  /** The option that names the pid file: what a call can be found by. */
  public static final String PID_FILE = "--pid-file";

  private static final Duration KILL_TIME = Duration.ofSeconds(10);
  private static final Duration DELETE_TIME = Duration.ofSeconds(30);
  private static final int MAX_PID_FILE_BYTES = 32;

  private final Children children;

  public OciRuntimeCall(Children children) {
    this.children = children;
  }

  /**
   * A process that the runtime has started and left to us.
   *
   * @param id its pid on the host, and its start time
   */
  public record Started(ProcessId id, Pidfd pidfd) {}

  /**
   * One call that starts a process.
   *
   * @param verb the command, such as create, with its options but without pid file and id
   * @param log where the runtime writes its own log to
   */
  public record Invocation(
      OciRuntime runtime,
      List<String> verb,
      String containerId,
      Path log,
      Path pidFile,
      Stdio stdio) {}

  /**
   * Makes the call and takes over the process it leaves.
   *
   * @param limit after it the runtime and all it has started are killed
   */
  public Started start(Invocation call, Duration limit) throws OciRuntimeFailure {
    List<String> arguments = arguments(call.runtime(), call.log());
    arguments.addAll(call.verb());
    arguments.add(PID_FILE);
    arguments.add(call.pidFile().toString());
    arguments.add(call.containerId());
    ChildProcess child = children.startCall(Command.of(arguments), call.stdio());
    try (child) {
      ProcessId id = child.id();
      String name = call.verb().getFirst();
      ExitStatus status = await(child, name, limit);
      if (!status.isSuccess()) {
        // One that was killed may have had others work for it.
        ProcessTree.kill(id);
        throw new OciRuntimeFailure(
            name + " ended with " + status.shellCode(), RuntimeLog.errors(call.log()), false);
      }
      return takeOver(call.pidFile());
    } finally {
      children.closeCall(child);
    }
  }

  private static ExitStatus await(ChildProcess child, String name, Duration limit)
      throws OciRuntimeFailure {
    ProcessId id = child.id();
    ExitStatus status = child.await(limit);
    if (status == null) {
      ProcessTree.kill(id);
      child.await(KILL_TIME);
      throw new OciRuntimeFailure(name + " took longer than " + limit.toMillis() + " ms", "", true);
    }
    return status;
  }

  private Started takeOver(Path pidFile) throws OciRuntimeFailure {
    int pid = readPid(pidFile);
    children.claim(pid);
    // Our child, and not reaped by anybody: the pid is still its own.
    ProcessStat stat = ProcessStat.read(pid);
    if (stat == null || stat.parent() != CurrentProcess.pid()) {
      children.reaped(pid);
      throw new OciRuntimeFailure("process " + pid + " was not left to the monitor", "", false);
    }
    return new Started(stat.id(), Pidfd.open(pid));
  }

  private static int readPid(Path pidFile) throws OciRuntimeFailure {
    String text = "";
    try {
      if (Files.size(pidFile) <= MAX_PID_FILE_BYTES) {
        text = Files.readString(pidFile).trim();
      }
      return Integer.parseInt(text);
    } catch (IOException | NumberFormatException e) {
      throw new OciRuntimeFailure("no pid in " + pidFile + ": " + e.getMessage(), "", false);
    }
  }

  /**
   * Deletes a pid file, and what runc leaves beside it when it is killed just then: with that, it
   * would never write this one again.
   *
   * @throws UncheckedIOException when that is not possible; that there is none is success
   */
  public static void deletePidFile(Path pidFile) {
    try {
      Files.deleteIfExists(pidFile);
      Files.deleteIfExists(pidFile.resolveSibling("." + pidFile.getFileName()));
    } catch (IOException e) {
      throw new UncheckedIOException("delete " + pidFile + ": " + e.getMessage(), e);
    }
  }

  /** Removes what a failed create may have left; a container that is not there is no failure. */
  public void delete(OciRuntime runtime, String containerId, Path log) {
    List<String> arguments = arguments(runtime, log);
    arguments.addAll(List.of("delete", "--force", containerId));
    try (Fd nothing = Fd.open("/dev/null", Fd.O_RDWR, 0)) {
      ChildProcess child = children.startCall(Command.of(arguments), Stdio.all(nothing));
      try (child) {
        await(child, "delete", DELETE_TIME);
      } finally {
        children.closeCall(child);
      }
    } catch (OciRuntimeFailure | LinuxException e) {
      StderrLog.failure("delete " + containerId, e);
    }
  }

  private static List<String> arguments(OciRuntime runtime, Path log) {
    List<String> arguments = new ArrayList<>();
    arguments.add(runtime.getPath());
    arguments.addAll(runtime.getGlobalArgsList());
    arguments.addAll(List.of("--log", log.toString(), "--log-format", "json"));
    return arguments;
  }
}
