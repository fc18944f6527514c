package io.crij.runtime.stats;

import io.crij.cri.v1.ContainerFilter;
import io.crij.cri.v1.ContainerStats;
import io.crij.cri.v1.ContainerStatsFilter;
import io.crij.cri.v1.ListContainerStatsRequest;
import io.crij.cri.v1.ListContainerStatsResponse;
import io.crij.runtime.container.ListContainers;
import java.util.stream.Stream;

/** Tells what the containers use that match a filter and have not ended, the oldest first. */
public final class ListContainerStats {
  private final ListContainers containers;
  private final ContainerFigures figures;

  ListContainerStats(ListContainers containers, ContainerFigures figures) {
    this.containers = containers;
    this.figures = figures;
  }

  public ListContainerStatsResponse run(ListContainerStatsRequest request) {
    return ListContainerStatsResponse.newBuilder()
        .addAllStats(items(request.getFilter()).toList())
        .build();
  }

  /** Those that match, each read when it is asked for. */
  public Stream<ContainerStats> items(ContainerStatsFilter filter) {
    ContainerFilter wanted =
        ContainerFilter.newBuilder()
            .setId(filter.getId())
            .setPodSandboxId(filter.getPodSandboxId())
            .putAllLabelSelector(filter.getLabelSelectorMap())
            .build();
    return figures.ofLiving(containers.matching(wanted));
  }
}
