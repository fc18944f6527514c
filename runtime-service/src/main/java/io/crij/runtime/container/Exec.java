package io.crij.runtime.container;

import io.crij.cri.v1.ExecRequest;
import io.crij.monitor.v1.TerminalSize;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.steps.ExecutedProcess;
import io.crij.runtime.container.steps.Parts;
import io.crij.runtime.container.steps.ReachableContainers;
import io.crij.runtime.monitor.MonitorFailure;
import io.crij.runtime.monitor.MonitorSession;
import io.crij.runtime.oci.rootfs.ContainerIdentity;
import java.time.Duration;

/** Runs a command in a container, with streams that the caller moves. */
public final class Exec {
  private final Parts parts;
  private final ReachableContainers reachable;

  Exec(Parts parts, ReachableContainers reachable) {
    this.parts = parts;
    this.reachable = reachable;
  }

  /**
   * Refuses what {@link #run} would refuse, without doing anything.
   *
   * @throws ServiceException.InvalidArgument for streams or a command that cannot be
   * @throws ServiceException.NotFound when there is no such container
   * @throws ServiceException.FailedPrecondition when it does not run, or is being killed
   */
  public void check(ExecRequest request) {
    checked(request);
  }

  private Container checked(ExecRequest request) {
    RequestedStreams.of(request).require();
    ExecutedProcess.requireCommand(request.getCmdList());
    return reachable.get(request.getContainerId());
  }

  /**
   * Starts the command.
   *
   * @param size of the terminal, in characters; the default instance: unknown
   * @param grace between SIGHUP and SIGKILL, when the session is closed before its end
   * @throws ServiceException as {@link #check}, and Internal when it could not be started
   */
  public MonitorSession run(ExecRequest request, TerminalSize size, Duration grace) {
    Container container = checked(request);
    io.crij.monitor.v1.ExecRequest.Builder exec =
        io.crij.monitor.v1.ExecRequest.newBuilder()
            .setContainerId(container.id())
            .setProcess(
                ExecutedProcess.of(
                    container,
                    parts.config().get().settings(),
                    request.getCmdList(),
                    request.getTty()))
            .setTty(request.getTty())
            .setStdin(request.getStdin())
            .setHangupGraceMillis(grace.toMillis());
    if (request.getTty()) {
      exec.setSize(size);
    }
    ContainerIdentity user =
        ExecutedProcess.owner(container, parts.sandboxes().get(container.sandboxId()));
    if (user != null) {
      exec.setStreamUid((int) user.uid()).setStreamGid((int) user.gid());
    }
    try {
      return parts.monitor().streams().exec(exec.build());
    } catch (MonitorFailure e) {
      throw ReachableContainers.failure("exec in container " + container.id(), e);
    }
  }
}
