package io.crij.runtime.container.steps;

import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.monitor.MonitorFailure;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The containers that can be executed in and attached to: they run, and are not being killed. */
public final class ReachableContainers {
  private final ContainerStore store;
  private final Set<String> killed = ConcurrentHashMap.newKeySet();

  public ReachableContainers(ContainerStore store) {
    this.store = store;
  }

  /** From now on nobody gets at it: what began in it now would keep it from ending. */
  public void close(String id) {
    killed.add(id);
  }

  /** It has ended, or could not be killed. */
  public void open(String id) {
    killed.remove(id);
  }

  /**
   * Finds one by its id.
   *
   * @throws ServiceException.InvalidArgument for an empty id
   * @throws ServiceException.NotFound when there is no such container
   * @throws ServiceException.FailedPrecondition when it does not run, or is being killed
   */
  public Container get(String id) {
    if (id.isEmpty()) {
      throw new ServiceException.InvalidArgument("container_id is empty");
    }
    Container container = store.get(id);
    if (!container.life().isRunning()) {
      throw new ServiceException.FailedPrecondition(
          "container " + container.id() + " does not run");
    }
    if (killed.contains(container.id())) {
      throw new ServiceException.FailedPrecondition(
          "container " + container.id() + " is being killed");
    }
    return container;
  }

  /**
   * What the monitor's failure means to the caller.
   *
   * @param subject as in "exec in container X"
   */
  public static ServiceException failure(String subject, MonitorFailure e) {
    return switch (e.code()) {
      case FAILURE_CODE_TIMED_OUT ->
          new ServiceException.DeadlineExceeded(subject + ": " + e.reason(), e);
      case FAILURE_CODE_NOT_FOUND, FAILURE_CODE_EXITED ->
          new ServiceException.FailedPrecondition(subject + ": it does not run", e);
      case FAILURE_CODE_INVALID ->
          new ServiceException.InvalidArgument(subject + ": " + e.reason(), e);
      case FAILURE_CODE_BUSY ->
          new ServiceException.ResourceExhausted(subject + ": " + e.reason(), e);
      case FAILURE_CODE_ALREADY_EXISTS,
          FAILURE_CODE_RUNTIME,
          FAILURE_CODE_INTERNAL,
          FAILURE_CODE_UNSPECIFIED,
          UNRECOGNIZED ->
          new ServiceException.Internal(subject + ": " + e.reason(), e);
    };
  }
}
