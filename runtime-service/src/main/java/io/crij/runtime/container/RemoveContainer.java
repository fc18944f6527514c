package io.crij.runtime.container;

import io.crij.cri.v1.RemoveContainerRequest;
import io.crij.cri.v1.RemoveContainerResponse;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.container.steps.ContainerTeardown;
import io.crij.runtime.names.JoinedCalls;
import java.time.Duration;

/** Removes a container, by force if it runs. Idempotent, also for one that is gone. */
public final class RemoveContainer {
  private final ContainerStore store;
  private final StopContainer stopContainer;
  private final ContainerTeardown teardown;
  private final JoinedCalls calls = new JoinedCalls("remove container");

  RemoveContainer(ContainerStore store, StopContainer stopContainer, ContainerTeardown teardown) {
    this.store = store;
    this.stopContainer = stopContainer;
    this.teardown = teardown;
  }

  public RemoveContainerResponse run(RemoveContainerRequest request) {
    Container container = store.find(request.getContainerId());
    if (container != null) {
      remove(container.id());
    }
    return RemoveContainerResponse.getDefaultInstance();
  }

  void remove(String id) {
    if (store.record(id) != null) {
      calls.run(
          id,
          () -> {
            stopContainer.stop(id, Duration.ZERO);
            teardown.remove(id);
          });
    }
  }
}
