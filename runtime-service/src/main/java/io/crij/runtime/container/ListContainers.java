package io.crij.runtime.container;

import io.crij.cri.v1.ContainerFilter;
import io.crij.cri.v1.ListContainersRequest;
import io.crij.cri.v1.ListContainersResponse;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerStore;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Lists the containers that match a filter, the oldest first. Nothing but memory is read. */
public final class ListContainers {
  private final ContainerStore store;

  ListContainers(ContainerStore store) {
    this.store = store;
  }

  public ListContainersResponse run(ListContainersRequest request) {
    return ListContainersResponse.newBuilder()
        .addAllContainers(items(request.getFilter()).toList())
        .build();
  }

  /** Those that match, one after the other. */
  public Stream<io.crij.cri.v1.Container> items(ContainerFilter filter) {
    return matching(filter).stream().map(ListContainers::item);
  }

  /** The records of those that match, the oldest first. */
  public List<Container> matching(ContainerFilter filter) {
    return store.all().stream()
        .filter(container -> isListed(container) && matches(filter, container))
        .sorted(Comparator.comparingLong(container -> container.life().createdAt()))
        .toList();
  }

  /** Whether it is shown to who asks for containers. */
  public static boolean isListed(Container container) {
    return !container.life().isBeingMade() && !container.isInfra();
  }

  /** All conditions must hold; ids may be given by their beginning. */
  static boolean matches(ContainerFilter filter, Container container) {
    if (!container.id().startsWith(filter.getId())
        || !container.sandboxId().startsWith(filter.getPodSandboxId())) {
      return false;
    }
    if (filter.hasState() && filter.getState().getState() != container.life().state()) {
      return false;
    }
    Map<String, String> labels = container.config().getLabelsMap();
    return filter.getLabelSelectorMap().entrySet().stream()
        .allMatch(wanted -> wanted.getValue().equals(labels.get(wanted.getKey())));
  }

  private static io.crij.cri.v1.Container item(Container container) {
    return io.crij.cri.v1.Container.newBuilder()
        .setId(container.id())
        .setPodSandboxId(container.sandboxId())
        .setMetadata(container.config().getMetadata())
        .setImage(ContainerStatus.image(container))
        .setImageRef(container.imageRef())
        .setImageId(container.image())
        .setState(container.life().state())
        .setCreatedAt(container.life().createdAt())
        .putAllLabels(container.config().getLabelsMap())
        .putAllAnnotations(container.config().getAnnotationsMap())
        .build();
  }
}
