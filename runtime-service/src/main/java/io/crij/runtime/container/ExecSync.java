package io.crij.runtime.container;

import com.google.protobuf.ByteString;
import io.crij.cri.v1.ExecSyncRequest;
import io.crij.cri.v1.ExecSyncResponse;
import io.crij.monitor.v1.ExecSyncReply;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.steps.Parts;
import io.crij.runtime.monitor.MonitorFailure;
import io.crij.runtime.oci.rootfs.ContainerIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs a command in a container to its end. What it writes beyond a limit is read and dropped: 16
 * MiB of each stream, or 1 MiB while many others run, so that all of them together stay small.
 */
public final class ExecSync {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final Duration LONGEST = Duration.ofDays(1);

  private static final int LIMIT_MIB = 16;
  private static final int LIMIT_WHEN_BUSY_MIB = 1;
  private static final int MIB_FOR_ALL = 64;

  private final Parts parts;
  private final Semaphore mebibytes = new Semaphore(MIB_FOR_ALL);

  ExecSync(Parts parts) {
    this.parts = parts;
  }

  /**
   * @throws ServiceException.NotFound when there is no such container
   * @throws ServiceException.FailedPrecondition when it does not run
   * @throws ServiceException.DeadlineExceeded when the command did not end in time; it was killed
   */
  public ExecSyncResponse run(ExecSyncRequest request) {
    if (request.getCmdCount() == 0 || request.getTimeout() < 0) {
      throw new ServiceException.InvalidArgument("cmd is empty, or timeout is negative");
    }
    Container container = parts.store().get(request.getContainerId());
    if (!container.life().isRunning()) {
      throw notRunning(container);
    }
    ContainerIdentity user = container.life().user();
    io.crij.monitor.v1.ExecSyncRequest.Builder exec =
        io.crij.monitor.v1.ExecSyncRequest.newBuilder()
            .setContainerId(container.id())
            .setProcess(process(container, request.getCmdList()))
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
      throw failure(container, request, e);
    } finally {
      if (wide) {
        mebibytes.release(LIMIT_MIB);
      }
    }
  }

  private static ServiceException failure(
      Container container, ExecSyncRequest request, MonitorFailure e) {
    String subject = "exec in container " + container.id() + ": ";
    return switch (e.code()) {
      case FAILURE_CODE_TIMED_OUT ->
          new ServiceException.DeadlineExceeded(
              subject + "did not end within " + request.getTimeout() + " s", e);
      case FAILURE_CODE_NOT_FOUND, FAILURE_CODE_EXITED -> notRunning(container);
      case FAILURE_CODE_INVALID -> new ServiceException.InvalidArgument(subject + e.reason(), e);
      case FAILURE_CODE_ALREADY_EXISTS,
          FAILURE_CODE_RUNTIME,
          FAILURE_CODE_INTERNAL,
          FAILURE_CODE_UNSPECIFIED,
          UNRECOGNIZED ->
          new ServiceException.Internal(subject + e.reason(), e);
    };
  }

  private static ServiceException notRunning(Container container) {
    return new ServiceException.FailedPrecondition("container " + container.id() + " does not run");
  }

  /** The container's own process, with another command: same user, rights, limits. */
  private static ByteString process(Container container, List<String> command) {
    JsonNode specification;
    try {
      specification = MAPPER.readTree(Files.readAllBytes(container.folder().specification()));
    } catch (IOException | JacksonException e) {
      throw new ServiceException.Internal(
          "read " + container.folder().specification() + ": " + e.getMessage(), e);
    }
    if (!(specification.path("process") instanceof ObjectNode process)) {
      throw new ServiceException.Internal(container.folder().specification() + " has no process");
    }
    process.put("terminal", false);
    ArrayNode arguments = process.putArray("args");
    for (String argument : command) {
      if (argument.indexOf('\0') >= 0) {
        throw new ServiceException.InvalidArgument("cmd: an argument holds NUL");
      }
      arguments.add(argument);
    }
    return ByteString.copyFrom(process.toString(), StandardCharsets.UTF_8);
  }
}
