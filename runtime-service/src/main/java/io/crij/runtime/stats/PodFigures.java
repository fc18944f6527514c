package io.crij.runtime.stats;

import io.crij.cri.v1.FilesystemUsage;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
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

  /** What is found out once for all pods that are told of. */
  private record Look(
      Map<String, List<Container>> living,
      Map<String, FilesystemUsage> layers,
      Set<String> sharedGroups,
      RouteSocket route) {}

  /** Of those that may run, in the given order, each read when it is asked for; to be closed. */
  Stream<PodSandboxStats> ofLive(Collection<Sandbox> pods) {
    List<Sandbox> live = pods.stream().filter(Sandbox::mayRun).toList();
    Map<String, List<Container>> living =
        live.stream().collect(Collectors.toMap(Sandbox::id, this::living));
    List<Container> listed =
        living.values().stream().flatMap(List::stream).filter(ListContainers::isListed).toList();
    Map<String, FilesystemUsage> layers = containers.layers(listed);
    Set<String> sharedGroups = sharedGroups();
    RouteSocket route = RouteSocket.open();
    Look look = new Look(living, layers, sharedGroups, route);
    return live.stream().map(pod -> stats(pod, look)).onClose(route::close);
  }

  /** Of one pod; of one that was stopped what is known of it still. */
  PodSandboxStats of(Sandbox sandbox) {
    if (!sandbox.mayRun()) {
      return PodSandboxStats.newBuilder().setAttributes(attributes(sandbox)).build();
    }
    try (Stream<PodSandboxStats> stats = ofLive(List.of(sandbox))) {
      return stats.toList().getFirst();
    }
  }

  private List<Container> living(Sandbox sandbox) {
    return store.ofSandbox(sandbox.id()).stream()
        .filter(container -> !container.life().hasEnded() && !container.life().isBeingMade())
        .sorted(Comparator.comparingLong(container -> container.life().createdAt()))
        .toList();
  }

  private PodSandboxStats stats(Sandbox sandbox, Look look) {
    List<Container> living = look.living().getOrDefault(sandbox.id(), List.of());
    LinuxPodSandboxStats.Builder linux =
        LinuxPodSandboxStats.newBuilder()
            .addAllContainers(
                containers
                    .ofLiving(
                        living.stream().filter(ListContainers::isListed).toList(), look.layers())
                    .toList());
    Sample own = hasOwnGroup(sandbox, look) ? ownSample(sandbox) : null;
    addUsage(linux, own == null ? sum(living) : own, living);
    NetworkUsage network = PodTraffic.usage(sandbox, look.route());
    if (network != null) {
      linux.setNetwork(network);
    }
    return PodSandboxStats.newBuilder().setAttributes(attributes(sandbox)).setLinux(linux).build();
  }

  private void addUsage(
      LinuxPodSandboxStats.Builder linux, @Nullable Sample sample, List<Container> living) {
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
  private static boolean hasOwnGroup(Sandbox sandbox, Look look) {
    return !sandbox.config().getLinux().getCgroupParent().isEmpty()
        && !look.sharedGroups().contains(sandbox.cgroupParent());
  }

  /** Those that several pods name. */
  private Set<String> sharedGroups() {
    Set<String> seen = new HashSet<>();
    return sandboxes.all().stream()
        .filter(Sandbox::mayRun)
        .map(Sandbox::cgroupParent)
        .filter(group -> !seen.add(group))
        .collect(Collectors.toSet());
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
