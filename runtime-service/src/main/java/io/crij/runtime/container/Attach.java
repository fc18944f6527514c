package io.crij.runtime.container;

import io.crij.cri.v1.AttachRequest;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.steps.Parts;
import io.crij.runtime.container.steps.ReachableContainers;
import io.crij.runtime.monitor.MonitorAttachment;
import io.crij.runtime.monitor.MonitorFailure;

/** Connects a client with the streams of a container's own process. */
public final class Attach {
  private final Parts parts;
  private final ReachableContainers reachable;

  Attach(Parts parts, ReachableContainers reachable) {
    this.parts = parts;
    this.reachable = reachable;
  }

  /**
   * Refuses what {@link #run} would refuse, without doing anything.
   *
   * @throws ServiceException.InvalidArgument for streams that cannot be, or a tty that it has not
   * @throws ServiceException.NotFound when there is no such container
   * @throws ServiceException.FailedPrecondition when it does not run, or is being killed
   */
  public void check(AttachRequest request) {
    checked(request);
  }

  private Container checked(AttachRequest request) {
    RequestedStreams.of(request).require();
    Container container = reachable.get(request.getContainerId());
    if (request.getTty() != container.config().getTty()) {
      throw new ServiceException.InvalidArgument(
          "tty is %s, and container %s was created with %s"
              .formatted(request.getTty(), container.id(), container.config().getTty()));
    }
    return container;
  }

  /**
   * Attaches.
   *
   * @throws ServiceException as {@link #check}, and Internal
   */
  public MonitorAttachment run(AttachRequest request) {
    Container container = checked(request);
    try {
      return parts
          .monitor()
          .streams()
          .attach(
              io.crij.monitor.v1.AttachRequest.newBuilder()
                  .setContainerId(container.id())
                  .setStdin(request.getStdin())
                  // One that only writes reads too: that is how the end is learnt.
                  .setStdout(request.getStdout() || !request.getStderr())
                  .setStderr(request.getStderr())
                  .build());
    } catch (MonitorFailure e) {
      throw ReachableContainers.failure("attach to container " + container.id(), e);
    }
  }

  /** Sets the size of the container's terminal, in characters. */
  public void resize(String containerId, int rows, int columns) {
    try {
      parts.monitor().streams().resize(containerId, rows, columns);
    } catch (MonitorFailure e) {
      throw ReachableContainers.failure("resize the terminal of container " + containerId, e);
    }
  }
}
