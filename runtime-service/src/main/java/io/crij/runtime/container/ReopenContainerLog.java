package io.crij.runtime.container;

import io.crij.cri.v1.ReopenContainerLogRequest;
import io.crij.cri.v1.ReopenContainerLogResponse;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.container.steps.ReachableContainers;
import io.crij.runtime.monitor.Monitor;
import io.crij.runtime.monitor.MonitorFailure;

/** Opens a container's log by its name again, after the caller has renamed the old one away. */
public final class ReopenContainerLog {
  private final ContainerStore store;
  private final Monitor monitor;

  ReopenContainerLog(ContainerStore store, Monitor monitor) {
    this.store = store;
    this.monitor = monitor;
  }

  /**
   * @throws ServiceException.NotFound when there is no such container
   * @throws ServiceException.FailedPrecondition when it does not run
   */
  public ReopenContainerLogResponse run(ReopenContainerLogRequest request) {
    Container container = store.get(request.getContainerId());
    if (!container.life().isRunning()) {
      throw new ServiceException.FailedPrecondition(
          "container " + container.id() + " does not run");
    }
    try {
      monitor.reopenLog(container.id());
    } catch (MonitorFailure e) {
      throw ReachableContainers.failure("reopen log of container " + container.id(), e);
    }
    return ReopenContainerLogResponse.getDefaultInstance();
  }
}
