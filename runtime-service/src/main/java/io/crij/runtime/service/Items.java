package io.crij.runtime.service;

import io.crij.cri.v1.Container;
import io.crij.cri.v1.ContainerFilter;
import io.crij.cri.v1.ContainerStats;
import io.crij.cri.v1.ContainerStatsFilter;
import io.crij.cri.v1.PodSandbox;
import io.crij.cri.v1.PodSandboxFilter;
import io.crij.cri.v1.PodSandboxMetrics;
import io.crij.cri.v1.PodSandboxStats;
import io.crij.cri.v1.PodSandboxStatsFilter;
import io.crij.runtime.container.ListContainers;
import io.crij.runtime.metrics.ListPodSandboxMetrics;
import io.crij.runtime.pod.ListPodSandbox;
import io.crij.runtime.stats.ListContainerStats;
import io.crij.runtime.stats.ListPodSandboxStats;
import java.util.stream.Stream;

/**
 * What the RPCs named List… answer, item by item for those named Stream…: which items there are is
 * found at once, and each is made when it is asked for. To be closed by who asks.
 */
public final class Items {
  private final ListPodSandbox listPodSandbox;
  private final ListContainers listContainers;
  private final ListContainerStats listContainerStats;
  private final ListPodSandboxStats listPodSandboxStats;
  private final ListPodSandboxMetrics listPodSandboxMetrics;

  Items(
      ListPodSandbox listPodSandbox,
      ListContainers listContainers,
      ListContainerStats listContainerStats,
      ListPodSandboxStats listPodSandboxStats,
      ListPodSandboxMetrics listPodSandboxMetrics) {
    this.listPodSandbox = listPodSandbox;
    this.listContainers = listContainers;
    this.listContainerStats = listContainerStats;
    this.listPodSandboxStats = listPodSandboxStats;
    this.listPodSandboxMetrics = listPodSandboxMetrics;
  }

  public Stream<PodSandbox> podSandboxes(PodSandboxFilter filter) {
    return listPodSandbox.items(filter);
  }

  public Stream<Container> containers(ContainerFilter filter) {
    return listContainers.items(filter);
  }

  public Stream<ContainerStats> containerStats(ContainerStatsFilter filter) {
    return listContainerStats.items(filter);
  }

  public Stream<PodSandboxStats> podSandboxStats(PodSandboxStatsFilter filter) {
    return listPodSandboxStats.items(filter);
  }

  public Stream<PodSandboxMetrics> podSandboxMetrics() {
    return listPodSandboxMetrics.items();
  }
}
