package io.crij.runtime.stats;

import io.crij.cri.v1.IoUsage;
import io.crij.cri.v1.LinuxPodSandboxStats;
import io.crij.cri.v1.MemoryUsage;
import io.crij.cri.v1.NetworkUsage;
import io.crij.cri.v1.PodSandboxAttributes;
import io.crij.cri.v1.PodSandboxStats;
import io.crij.cri.v1.ProcessUsage;
import io.crij.linux.netlink.RouteSocket;
import io.crij.runtime.container.ListContainers;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxStore;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tells of pods what they use: of the pod's cgroup, if its request names one that is no other pod's
 * too, else of its containers' together; and of its network.
 */
final class PodFigures {
  private final Sampler sampler;
  private final SandboxStore sandboxes;
  private final ContainerStore store;
  private final ContainerFigures containers;

  PodFigures(
      Sampler sampler, SandboxStore sandboxes, ContainerStore store, ContainerFigures containers) {
    this.sampler = sampler;
    this.sandboxes = sandboxes;
    this.store = store;
    this.containers = containers;
  }

  /** Of those that may run, in the given order, each read when it is asked for; to be closed. */
  Stream<PodSandboxStats> ofLive(Collection<Sandbox> pods) {
    RouteSocket route = RouteSocket.open();
    return pods.stream()
        .filter(Sandbox::mayRun)
        .map(sandbox -> stats(sandbox, route))
        .onClose(route::close);
  }

  /** Of one pod; of one that was stopped what is known of it still. */
  PodSandboxStats of(Sandbox sandbox) {
    if (!sandbox.mayRun()) {
      return PodSandboxStats.newBuilder().setAttributes(attributes(sandbox)).build();
    }
    try (RouteSocket route = RouteSocket.open()) {
      return stats(sandbox, route);
    }
  }

  private PodSandboxStats stats(Sandbox sandbox, RouteSocket route) {
    List<Container> living =
        store.ofSandbox(sandbox.id()).stream()
            .filter(container -> !container.life().hasEnded() && !container.life().isBeingMade())
            .sorted(Comparator.comparingLong(container -> container.life().createdAt()))
            .toList();
    LinuxPodSandboxStats.Builder linux =
        LinuxPodSandboxStats.newBuilder()
            .addAllContainers(
                containers
                    .ofLiving(living.stream().filter(ListContainers::isListed).toList())
                    .toList());
    addUsage(linux, sandbox, living);
    NetworkUsage network = PodTraffic.usage(sandbox, route);
    if (network != null) {
      linux.setNetwork(network);
    }
    return PodSandboxStats.newBuilder().setAttributes(attributes(sandbox)).setLinux(linux).build();
  }

  private void addUsage(
      LinuxPodSandboxStats.Builder linux, Sandbox sandbox, List<Container> living) {
    Sample own = hasOwnGroup(sandbox) ? ownSample(sandbox) : null;
    Sample sample = own == null ? sum(living) : own;
    if (sample == null) {
      return;
    }
    linux.setCpu(UsageMessages.cpu(sample));
    MemoryUsage memory = UsageMessages.memory(sample);
    if (memory != null) {
      linux.setMemory(memory);
    }
    IoUsage io = UsageMessages.io(sample);
    if (io != null) {
      linux.setIo(io);
    }
    linux.setProcess(
        ProcessUsage.newBuilder()
            .setTimestamp(sample.at())
            .setProcessCount(UsageMessages.value(processes(living))));
  }

  /** Its group may be older than this sandbox: how fast it is shows from two looks at it. */
  private @Nullable Sample ownSample(Sandbox sandbox) {
    return sampler.sample(sandbox.cgroupParent(), 0);
  }

  /** The kubelet makes a cgroup for each pod; those who name none, share ours. */
  private boolean hasOwnGroup(Sandbox sandbox) {
    return !sandbox.config().getLinux().getCgroupParent().isEmpty()
        && sandboxes.all().stream()
            .noneMatch(other ->
                other.cgroupParent().equals(sandbox.cgroupParent())
                    && !other.id().equals(sandbox.id())
                    && other.mayRun());
  }

  private @Nullable Sample sum(List<Container> living) {
    Sample sum = null;
    for (Container container : living) {
      Sample one = containers.sample(container);
      if (one != null) {
        sum = sum == null ? one.alone() : sum.plus(one);
      }
    }
    return sum;
  }

  private long processes(List<Container> living) {
    return living.stream()
        .mapToLong(
            container -> sampler.controllers().folder(container.cgroupPath()).processes().size())
        .sum();
  }

  private static PodSandboxAttributes attributes(Sandbox sandbox) {
    return PodSandboxAttributes.newBuilder()
        .setId(sandbox.id())
        .setMetadata(sandbox.config().getMetadata())
        .putAllLabels(sandbox.config().getLabelsMap())
        .putAllAnnotations(sandbox.config().getAnnotationsMap())
        .build();
  }
}
