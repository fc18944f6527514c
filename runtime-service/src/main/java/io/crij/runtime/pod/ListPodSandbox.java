package io.crij.runtime.pod;

import io.crij.cri.v1.ListPodSandboxRequest;
import io.crij.cri.v1.ListPodSandboxResponse;
import io.crij.cri.v1.PodSandbox;
import io.crij.cri.v1.PodSandboxFilter;
import io.crij.runtime.sandbox.Sandbox;
import io.crij.runtime.sandbox.SandboxStore;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Lists the pods that match a filter, the oldest first. Nothing but memory is read. */
public final class ListPodSandbox {
  private final SandboxStore sandboxes;

  ListPodSandbox(SandboxStore sandboxes) {
    this.sandboxes = sandboxes;
  }

  public ListPodSandboxResponse run(ListPodSandboxRequest request) {
    return ListPodSandboxResponse.newBuilder()
        .addAllItems(items(request.getFilter()).toList())
        .build();
  }

  /** Those that match, one after the other. */
  public Stream<PodSandbox> items(PodSandboxFilter filter) {
    return matching(filter).stream().map(ListPodSandbox::item);
  }

  /** The records of those that match, the oldest first. */
  public List<Sandbox> matching(PodSandboxFilter filter) {
    return sandboxes.all().stream()
        .filter(sandbox -> sandbox.state().isListed() && matches(filter, sandbox))
        .sorted(Comparator.comparing(Sandbox::createdAt))
        .toList();
  }

  /** All conditions must hold; an id may be given by its beginning. */
  static boolean matches(PodSandboxFilter filter, Sandbox sandbox) {
    if (!sandbox.id().startsWith(filter.getId())) {
      return false;
    }
    if (filter.hasState() && filter.getState().getState() != PodSandboxStatus.state(sandbox)) {
      return false;
    }
    Map<String, String> labels = sandbox.config().getLabelsMap();
    return filter.getLabelSelectorMap().entrySet().stream()
        .allMatch(wanted -> wanted.getValue().equals(labels.get(wanted.getKey())));
  }

  private static PodSandbox item(Sandbox sandbox) {
    return PodSandbox.newBuilder()
        .setId(sandbox.id())
        .setMetadata(sandbox.config().getMetadata())
        .setState(PodSandboxStatus.state(sandbox))
        .setCreatedAt(PodSandboxStatus.nanos(sandbox.createdAt()))
        .putAllLabels(sandbox.config().getLabelsMap())
        .putAllAnnotations(sandbox.config().getAnnotationsMap())
        .setRuntimeHandler(sandbox.runtimeHandler())
        .build();
  }
}
