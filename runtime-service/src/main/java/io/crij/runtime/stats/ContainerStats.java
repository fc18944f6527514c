package io.crij.runtime.stats;

import io.crij.cri.v1.ContainerStatsRequest;
import io.crij.cri.v1.ContainerStatsResponse;
import io.crij.runtime.ServiceException;
import io.crij.runtime.container.records.ContainerStore;

/** Tells what a container uses. */
public final class ContainerStats {
  private final ContainerStore store;
  private final ContainerFigures figures;

  ContainerStats(ContainerStore store, ContainerFigures figures) {
    this.store = store;
    this.figures = figures;
  }

  /**
   * @throws ServiceException.NotFound when there is no such container
   */
  public ContainerStatsResponse run(ContainerStatsRequest request) {
    return ContainerStatsResponse.newBuilder()
        .setStats(figures.of(store.get(request.getContainerId())))
        .build();
  }
}
