package io.crij.runtime.stats;

import io.crij.cri.v1.PodSandboxStatsRequest;
import io.crij.cri.v1.PodSandboxStatsResponse;
import io.crij.runtime.ServiceException;
import io.crij.runtime.sandbox.SandboxStore;

/** Tells what a pod uses. */
public final class PodSandboxStats {
  private final SandboxStore sandboxes;
  private final PodFigures figures;

  PodSandboxStats(SandboxStore sandboxes, PodFigures figures) {
    this.sandboxes = sandboxes;
    this.figures = figures;
  }

  /**
   * @throws ServiceException.NotFound when there is no such pod
   */
  public PodSandboxStatsResponse run(PodSandboxStatsRequest request) {
    return PodSandboxStatsResponse.newBuilder()
        .setStats(figures.of(sandboxes.get(request.getPodSandboxId())))
        .build();
  }
}
