package io.crij.runtime.stats;

import io.crij.image.service.ImageService;
import io.crij.runtime.container.ListContainers;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.pod.ListPodSandbox;
import io.crij.runtime.sandbox.SandboxStore;

/** What is used on the node: the verbs that tell it, put together. */
public final class Stats {
  private final Sampler sampler;
  private final ContainerStats containerStats;
  private final ListContainerStats listContainerStats;
  private final PodSandboxStats podSandboxStats;
  private final ListPodSandboxStats listPodSandboxStats;

  /**
   * @param sampler closed by who made it
   */
  public Stats(
      Sampler sampler,
      SandboxStore sandboxes,
      ContainerStore store,
      ImageService images,
      ListPodSandbox listPods,
      ListContainers listContainers) {
    this.sampler = sampler;
    ContainerFigures containers = new ContainerFigures(sampler, images);
    PodFigures pods = new PodFigures(sampler, sandboxes, store, containers);
    containerStats = new ContainerStats(store, containers);
    listContainerStats = new ListContainerStats(listContainers, containers);
    podSandboxStats = new PodSandboxStats(sandboxes, pods);
    listPodSandboxStats = new ListPodSandboxStats(listPods, pods);
  }

  /** What the figures are from, for who tells them otherwise. */
  public Sampler sampler() {
    return sampler;
  }

  public ContainerStats containerStats() {
    return containerStats;
  }

  public ListContainerStats listContainerStats() {
    return listContainerStats;
  }

  public PodSandboxStats podSandboxStats() {
    return podSandboxStats;
  }

  public ListPodSandboxStats listPodSandboxStats() {
    return listPodSandboxStats;
  }
}
