package io.crij.runtime.container;

import io.crij.cri.v1.ContainerState;
import io.crij.cri.v1.StartContainerRequest;
import io.crij.cri.v1.StartContainerResponse;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.Signals;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.Lifecycle.End;
import io.crij.runtime.container.records.Now;
import io.crij.runtime.container.steps.ContainerLocks;
import io.crij.runtime.container.steps.Parts;
import io.crij.runtime.names.Stage;
import io.crij.runtime.names.StageWatch;
import io.crij.runtime.names.Steps;
import io.crij.runtime.oci.OciRuntime;
import io.crij.runtime.sandbox.Sandbox;
import java.time.Duration;

/**
 * Starts a created container. One that cannot be started has ended, with the OCI runtime's own
 * message.
 */
public final class StartContainer {
  /** containerd's reason and exit code. */
  private static final String REASON = "StartError";

  private static final int EXIT_CODE = 128;
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(10);

  private final Parts parts;
  private final ContainerLocks locks;
  private final StageWatch stages;

  StartContainer(Parts parts, ContainerLocks locks, StageWatch stages) {
    this.parts = parts;
    this.locks = locks;
    this.stages = stages;
  }

  /**
   * @throws ServiceException.NotFound when there is no such container
   * @throws ServiceException.FailedPrecondition when it is not just created, or its pod not ready
   */
  public StartContainerResponse run(StartContainerRequest request) {
    // Asked for first: a lock is kept for each id that is locked.
    String id = parts.store().get(request.getContainerId()).id();
    Steps.watched(
        stages,
        steps ->
            locks.locked(
                id,
                () -> {
                  start(parts.store().get(id), steps);
                  return id;
                }));
    return StartContainerResponse.getDefaultInstance();
  }

  private void start(Container container, Steps steps) {
    if (container.life().state() != ContainerState.CONTAINER_CREATED) {
      throw new ServiceException.FailedPrecondition(
          "container " + container.id() + " is " + container.life().state() + ", not just created");
    }
    Sandbox sandbox = parts.sandboxes().get(container.sandboxId());
    if (!sandbox.isReady()) {
      throw new ServiceException.FailedPrecondition(
          "pod sandbox " + sandbox.id() + " is not ready");
    }
    OciRuntime runtime = parts.handlers().runtime(container.runtime());
    if (runtime == null) {
      throw new ServiceException.FailedPrecondition(
          "runtime handler " + container.runtime() + " is not configured any more");
    }
    steps.begin(Stage.START);
    parts.events().startBegins(container.id());
    try {
      start(container, runtime);
    } finally {
      parts.events().startEnds(container);
    }
  }

  private void start(Container container, OciRuntime runtime) {
    // Before the start: its end may be told before the start returns.
    long at = Now.nanos();
    try {
      runtime.start(container.id());
    } catch (OciRuntime.StartFailure e) {
      // An earlier start, whose answer was lost, may have been the one that did it.
      if (runtime.isRunning(container.id())) {
        parts.store().update(container.id(), life -> life.started(at));
        return;
      }
      parts.events().startEnds(container);
      fail(container, at, String.valueOf(e.getMessage()));
      throw new ServiceException.Internal(
          "start container " + container.id() + ": " + e.getMessage(), e);
    }
    parts.store().update(container.id(), life -> life.started(at));
  }

  private void fail(Container container, long at, String message) {
    ProcessId process = container.life().process();
    if (process != null) {
      parts.monitor().signal(container.id(), process, Signals.SIGKILL);
      parts.store().awaitEnd(container.id(), ENDS_WITHIN);
    }
    parts
        .store()
        .update(
            container.id(),
            life ->
                life.started(at)
                    .ended(new End(at, EXIT_CODE, false, REASON, message))
                    .withReason(EXIT_CODE, REASON, message));
  }
}
