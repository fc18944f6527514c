package io.crij.runtime.metrics;

import io.crij.cri.v1.ContainerMetrics;
import io.crij.cri.v1.ListPodSandboxMetricsRequest;
import io.crij.cri.v1.ListPodSandboxMetricsResponse;
import io.crij.cri.v1.PodSandboxFilter;
import io.crij.cri.v1.PodSandboxMetrics;
import io.crij.image.service.ImageService;
import io.crij.linux.netlink.NetworkInterface;
import io.crij.linux.netlink.RouteSocket;
import io.crij.runtime.container.ListContainers;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.pod.ListPodSandbox;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.stats.PodTraffic;
import io.crij.runtime.stats.Sample;
import io.crij.runtime.stats.Sampler;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tells what all pods that were not stopped, and their containers, use, as metrics. */
public final class ListPodSandboxMetrics {
  private final Sampler sampler;
  private final ListPodSandbox pods;
  private final ContainerStore store;
  private final ImageService images;

  public ListPodSandboxMetrics(
      Sampler sampler, ListPodSandbox pods, ContainerStore store, ImageService images) {
    this.sampler = sampler;
    this.pods = pods;
    this.store = store;
    this.images = images;
  }

  @SuppressWarnings("UnusedVariable") // Named as the RPC, whose request is empty.
  public ListPodSandboxMetricsResponse run(ListPodSandboxMetricsRequest request) {
    try (Stream<PodSandboxMetrics> items = items()) {
      return ListPodSandboxMetricsResponse.newBuilder().addAllPodMetrics(items.toList()).build();
    }
  }

  /** Those of all pods, each read when it is asked for; to be closed. */
  public Stream<PodSandboxMetrics> items() {
    List<Sandbox> live =
        pods.matching(PodSandboxFilter.getDefaultInstance()).stream()
            .filter(Sandbox::mayRun)
            .toList();
    Map<String, List<Container>> containers =
        live.stream()
            .flatMap(pod -> store.ofSandbox(pod.id()).stream())
            .filter(one -> ListContainers.isListed(one) && !one.life().hasEnded())
            .collect(Collectors.groupingBy(Container::sandboxId));
    List<String> ids =
        containers.values().stream().flatMap(List::stream).map(Container::id).toList();
    ContainerMeasures measures =
        new ContainerMeasures(sampler.controllers(), images.writableLayers(ids));
    RouteSocket route = RouteSocket.open();
    return live.stream()
        .map(pod -> metrics(pod, containers.getOrDefault(pod.id(), List.of()), measures, route))
        .onClose(route::close);
  }

  private PodSandboxMetrics metrics(
      Sandbox pod, List<Container> containers, ContainerMeasures measures, RouteSocket route) {
    PodSandboxMetrics.Builder metrics =
        PodSandboxMetrics.newBuilder()
            .setPodSandboxId(pod.id())
            .addAllMetrics(network(pod, route).metrics());
    containers.forEach(container -> add(metrics, pod, container, measures));
    return metrics.build();
  }

  private MetricSet network(Sandbox pod, RouteSocket route) {
    MetricSet metrics =
        new MetricSet(labels(pod, pod.cgroupParent(), pod.id(), "", ""), sampler.now());
    for (NetworkInterface one : PodTraffic.interfaces(pod, route)) {
      metrics
          .add(MetricName.NETWORK_RECEIVE_BYTES, one.received().bytes(), one.name())
          .add(MetricName.NETWORK_RECEIVE_PACKETS, one.received().packets(), one.name())
          .add(MetricName.NETWORK_RECEIVE_PACKETS_DROPPED, one.received().dropped(), one.name())
          .add(MetricName.NETWORK_RECEIVE_ERRORS, one.received().errors(), one.name())
          .add(MetricName.NETWORK_TRANSMIT_BYTES, one.sent().bytes(), one.name())
          .add(MetricName.NETWORK_TRANSMIT_PACKETS, one.sent().packets(), one.name())
          .add(MetricName.NETWORK_TRANSMIT_PACKETS_DROPPED, one.sent().dropped(), one.name())
          .add(MetricName.NETWORK_TRANSMIT_ERRORS, one.sent().errors(), one.name());
    }
    return metrics;
  }

  /** One that is gone meanwhile is left out. */
  private void add(
      PodSandboxMetrics.Builder pod, Sandbox sandbox, Container container, ContainerMeasures from) {
    Sample sample = sampler.sample(container.limitedCgroup(), container.life().createdAt());
    if (sample == null) {
      return;
    }
    MetricSet metrics =
        new MetricSet(
            labels(
                sandbox,
                container.cgroupPath(),
                container.id(),
                container.imageName(),
                container.config().getMetadata().getName()),
            sample.at());
    if (from.add(metrics, container, sample)) {
      pod.addContainerMetrics(
          ContainerMetrics.newBuilder()
              .setContainerId(container.id())
              .addAllMetrics(metrics.metrics()));
    }
  }

  private static MetricSet.Labels labels(
      Sandbox pod, String group, String id, String image, String container) {
    return new MetricSet.Labels(
        group,
        id,
        image,
        container,
        pod.config().getMetadata().getName(),
        pod.config().getMetadata().getNamespace());
  }
}
