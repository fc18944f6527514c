package io.crij.runtime.meters;

import io.crij.cri.v1.ContainerState;
import io.crij.runtime.container.ListContainers;
import io.crij.runtime.container.records.Container;
import io.crij.runtime.container.records.ContainerStore;
import io.crij.runtime.events.ContainerEvents;
import io.crij.runtime.monitor.Monitor;
import io.crij.runtime.oci.RuntimeHandlers;
import io.crij.runtime.sandbox.SandboxStore;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How many pods and containers there are, and what befell them and the node. */
public final class NodeMeters {
  private static final Map<String, ContainerState> CONTAINER_STATES =
      Map.of(
          "created", ContainerState.CONTAINER_CREATED,
          "running", ContainerState.CONTAINER_RUNNING,
          "exited", ContainerState.CONTAINER_EXITED);

  private final MeterRegistry registry;
  private final Counter outOfMemory;
  private final Counter monitorsReplaced;

  public NodeMeters(MeterRegistry registry) {
    this.registry = registry;
    outOfMemory =
        Counter.builder("crij.containers.oom")
            .description("Containers that ended when the kernel killed for want of memory")
            .register(registry);
    monitorsReplaced =
        Counter.builder("crij.monitor.replaced")
            .description("Monitors that took the place of one that ended, or was upgraded")
            .register(registry);
    add(
        Gauge.builder("crij.processes.defunct", DefunctProcesses::count)
            .description("Processes of the node that have ended and nobody has waited for"));
  }

  private void add(Gauge.Builder<?> gauge) {
    gauge.strongReference(true).register(registry);
  }

  /**
   * Counts pods and containers by their states, whenever somebody looks, and the events that were
   * lost for clients who did not take them.
   */
  public void count(
      SandboxStore sandboxes, ContainerStore containers, ContainerEvents events, Monitor monitor) {
    LogMeters.register(monitor, registry);
    for (boolean isReady : List.of(true, false)) {
      add(
          Gauge.builder("crij.pods", () -> pods(sandboxes, isReady))
              .description("Pods of the node, by state")
              .tag("state", isReady ? "ready" : "notready"));
    }
    CONTAINER_STATES.forEach((word, state) ->
        add(
            Gauge.builder("crij.containers", () -> containers(containers, state))
                .description("Containers of the node, by state")
                .tag("state", word)));
    FunctionCounter.builder("crij.container.events.dropped", events, ContainerEvents::lost)
        .description(
            "Events of containers that were not sent to a client that took them too slowly")
        .register(registry);
  }

  private static long pods(SandboxStore sandboxes, boolean isReady) {
    return sandboxes.all().stream()
        .filter(pod -> pod.state().isListed() && pod.isReady() == isReady)
        .count();
  }

  private static long containers(ContainerStore containers, ContainerState state) {
    return containers.all().stream()
        .filter(one -> ListContainers.isListed(one) && one.life().state() == state)
        .count();
  }

  /** Names the runtime handler of pods that ask for none, also when it changes. */
  public void nameDefaultRuntime(RuntimeHandlers handlers) {
    handlers.whenApplied(new DefaultRuntime(registry, handlers)::look);
  }

  /** The record of a container has changed; null: there was, or is, none. */
  public void containerChanged(@Nullable Container before, @Nullable Container after) {
    boolean endedBefore = before != null && before.life().hasEnded();
    if (after != null && after.life().hasEnded() && !endedBefore && after.life().oomKilled()) {
      outOfMemory.increment();
    }
  }

  /** Another monitor is the node's. */
  public void monitorReplaced() {
    monitorsReplaced.increment();
  }
}
