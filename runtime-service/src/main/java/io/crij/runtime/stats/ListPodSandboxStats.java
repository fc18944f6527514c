package io.crij.runtime.stats;

import io.crij.cri.v1.ListPodSandboxStatsRequest;
import io.crij.cri.v1.ListPodSandboxStatsResponse;
import io.crij.cri.v1.PodSandboxFilter;
import io.crij.cri.v1.PodSandboxStats;
import io.crij.cri.v1.PodSandboxStatsFilter;
import io.crij.runtime.pod.ListPodSandbox;
import java.util.stream.Stream;

/** Tells what the pods use that match a filter and were not stopped, the oldest first. */
public final class ListPodSandboxStats {
  private final ListPodSandbox pods;
  private final PodFigures figures;

  ListPodSandboxStats(ListPodSandbox pods, PodFigures figures) {
    this.pods = pods;
    this.figures = figures;
  }

  public ListPodSandboxStatsResponse run(ListPodSandboxStatsRequest request) {
    try (Stream<PodSandboxStats> items = items(request.getFilter())) {
      return ListPodSandboxStatsResponse.newBuilder().addAllStats(items.toList()).build();
    }
  }

  /** Those that match, each read when it is asked for; to be closed. */
  public Stream<PodSandboxStats> items(PodSandboxStatsFilter filter) {
    PodSandboxFilter wanted =
        PodSandboxFilter.newBuilder()
            .setId(filter.getId())
            .putAllLabelSelector(filter.getLabelSelectorMap())
            .build();
    return figures.ofLive(pods.matching(wanted));
  }
}
