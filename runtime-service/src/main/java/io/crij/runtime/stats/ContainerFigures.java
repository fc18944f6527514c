package io.crij.runtime.stats;

import io.crij.cri.v1.ContainerAttributes;
import io.crij.cri.v1.ContainerStats;
import io.crij.cri.v1.FilesystemUsage;
import io.crij.cri.v1.IoUsage;
import io.crij.cri.v1.MemoryUsage;
import io.crij.cri.v1.SwapUsage;
import io.crij.image.service.ImageService;
import io.crij.runtime.container.records.Container;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tells of containers what they use: of their cgroups, and of the disk. */
final class ContainerFigures {
  private final Sampler sampler;
  private final ImageService images;

  ContainerFigures(Sampler sampler, ImageService images) {
    this.sampler = sampler;
    this.images = images;
  }

  /**
   * Of those that have not ended, in the given order, each read when it is asked for; without those
   * that go away meanwhile.
   */
  Stream<ContainerStats> ofLiving(Collection<Container> containers) {
    List<Container> living =
        containers.stream().filter(container -> !container.life().hasEnded()).toList();
    return ofLiving(living, layers(living));
  }

  /**
   * Of those, which have not ended, in the given order, each read when it is asked for; without
   * those that go away meanwhile.
   *
   * @param layers of these containers, and perhaps of others
   */
  Stream<ContainerStats> ofLiving(
      Collection<Container> containers, Map<String, FilesystemUsage> layers) {
    return containers.stream()
        .flatMap(container -> {
          Sample sample = sample(container);
          return sample == null
              ? Stream.empty()
              : Stream.of(stats(container, sample, layers.get(container.id())));
        });
  }

  /** Of one container; of one that has ended all but what it uses of memory and processors. */
  ContainerStats of(Container container) {
    Sample sample = container.life().hasEnded() ? null : sample(container);
    return stats(container, sample, layers(List.of(container)).get(container.id()));
  }

  /** What the cgroup of a container uses; null when it is gone. */
  @Nullable Sample sample(Container container) {
    return sampler.sample(container.limitedCgroup(), container.life().createdAt());
  }

  /** The writable layers of containers, by their ids. To be asked for all at once: it may wait. */
  Map<String, FilesystemUsage> layers(Collection<Container> containers) {
    return images.writableLayers(containers.stream().map(Container::id).toList());
  }

  private static ContainerStats stats(
      Container container, @Nullable Sample sample, @Nullable FilesystemUsage layer) {
    ContainerStats.Builder stats = ContainerStats.newBuilder().setAttributes(attributes(container));
    if (layer != null) {
      stats.setWritableLayer(layer);
    }
    if (sample != null) {
      add(stats, sample);
    }
    return stats.build();
  }

  private static void add(ContainerStats.Builder stats, Sample sample) {
    stats.setCpu(UsageMessages.cpu(sample));
    MemoryUsage memory = UsageMessages.memory(sample);
    if (memory != null) {
      stats.setMemory(memory);
    }
    SwapUsage swap = UsageMessages.swap(sample);
    if (swap != null) {
      stats.setSwap(swap);
    }
    IoUsage io = UsageMessages.io(sample);
    if (io != null) {
      stats.setIo(io);
    }
  }

  private static ContainerAttributes attributes(Container container) {
    return ContainerAttributes.newBuilder()
        .setId(container.id())
        .setMetadata(container.config().getMetadata())
        .putAllLabels(container.config().getLabelsMap())
        .putAllAnnotations(container.config().getAnnotationsMap())
        .build();
  }
}
