package io.crij.runtime.container;

import io.crij.cri.v1.ExecSyncRequest;
import io.crij.cri.v1.ExecSyncResponse;
import io.crij.monitor.v1.ExecSyncReply;
import io.crij.monitor.v1.FailureCode;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.steps.ExecutedProcess;
import io.crij.runtime.container.steps.Parts;
import io.crij.runtime.container.steps.ReachableContainers;
import io.crij.runtime.monitor.MonitorFailure;
import io.crij.runtime.oci.rootfs.ContainerIdentity;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * Runs a command in a container to its end. What it writes beyond a limit is read and dropped: 16
 * MiB of each stream, or 1 MiB while many others run, so that all of them together stay small.
 */
public final class ExecSync {
  private static final Duration LONGEST = Duration.ofDays(1);

  private static final int LIMIT_MIB = 16;
  private static final int LIMIT_WHEN_BUSY_MIB = 1;
  private static final int MIB_FOR_ALL = 64;

  private final Parts parts;
  private final ReachableContainers reachable;
  private final Semaphore mebibytes = new Semaphore(MIB_FOR_ALL);

  ExecSync(Parts parts, ReachableContainers reachable) {
    this.parts = parts;
    this.reachable = reachable;
  }

  /**
   * @throws ServiceException.NotFound when there is no such container
   * @throws ServiceException.FailedPrecondition when it does not run
   * @throws ServiceException.DeadlineExceeded when the command did not end in time; it was killed
   */
  public ExecSyncResponse run(ExecSyncRequest request) {
    ExecutedProcess.requireCommand(request.getCmdList());
    if (request.getTimeout() < 0) {
      throw new ServiceException.InvalidArgument("timeout: " + request.getTimeout());
    }
    Container container = reachable.get(request.getContainerId());
    ContainerIdentity user =
        ExecutedProcess.owner(container, parts.sandboxes().get(container.sandboxId()));
    io.crij.monitor.v1.ExecSyncRequest.Builder exec =
        io.crij.monitor.v1.ExecSyncRequest.newBuilder()
            .setContainerId(container.id())
            .setProcess(
                ExecutedProcess.of(
                    container, parts.config().get().settings(), request.getCmdList(), false))
            .setTimeoutMillis(
                Duration.ofSeconds(Math.min(request.getTimeout(), LONGEST.toSeconds())).toMillis());
    if (user != null) {
      exec.setStreamUid((int) user.uid()).setStreamGid((int) user.gid());
    }
    boolean wide = mebibytes.tryAcquire(LIMIT_MIB);
    exec.setMaxBytes((wide ? LIMIT_MIB : LIMIT_WHEN_BUSY_MIB) * 1024L * 1024);
    try {
      ExecSyncReply reply = parts.monitor().execSync(exec.build());
      return ExecSyncResponse.newBuilder()
          .setStdout(reply.getStdout())
          .setStderr(reply.getStderr())
          .setExitCode(reply.getExitCode())
          .build();
    } catch (MonitorFailure e) {
      if (e.code() == FailureCode.FAILURE_CODE_TIMED_OUT) {
        throw new ServiceException.DeadlineExceeded(
            "exec in container "
                + container.id()
                + ": did not end within "
                + request.getTimeout()
                + " s",
            e);
      }
      throw ReachableContainers.failure("exec in container " + container.id(), e);
    } finally {
      if (wide) {
        mebibytes.release(LIMIT_MIB);
      }
    }
  }
}
