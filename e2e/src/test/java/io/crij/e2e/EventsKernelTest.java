package io.crij.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.MessageLite;
import io.crij.cri.v1.ContainerEventResponse;
import io.crij.cri.v1.ContainerStatus;
import io.crij.cri.v1.LinuxContainerResources;
import io.crij.cri.v1.ListContainerStatsRequest;
import io.crij.cri.v1.ListContainersRequest;
import io.crij.cri.v1.ListImagesRequest;
import io.crij.cri.v1.ListPodSandboxMetricsRequest;
import io.crij.cri.v1.ListPodSandboxRequest;
import io.crij.cri.v1.ListPodSandboxStatsRequest;
import io.crij.cri.v1.PodSandboxState;
import io.crij.cri.v1.StreamContainerStatsRequest;
import io.crij.cri.v1.StreamContainersRequest;
import io.crij.cri.v1.StreamImagesRequest;
import io.crij.cri.v1.StreamPodSandboxMetricsRequest;
import io.crij.cri.v1.StreamPodSandboxStatsRequest;
import io.crij.cri.v1.StreamPodSandboxesRequest;
import io.crij.cri.v1.UpdatePodSandboxResourcesRequest;
import io.crij.e2e.node.HeardEvents;
import io.crij.e2e.node.Node;
import io.crij.e2e.node.RunningPod;
import io.crij.e2e.registry.Registry;
import io.crij.e2e.registry.WithRegistry;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.PrivateRoot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** What a kubelet hears of its node without asking, and takes in parts when it asks. */
@ExtendWith({WithRegistry.class, LeavesNoTrace.class})
final class EventsKernelTest {
  private static final String IMAGE = "docker.io/library/busybox:latest";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  void whatHappensIsToldAlsoWhatHappenedMeanwhile(PrivateRoot home, Registry registry)
      throws Exception {
    try (Node node = Node.start(home, registry)) {
      RunningPod pod;
      String left;
      ProcessHandle process;
      try (HeardEvents events = HeardEvents.listen(node)) {
        pod = RunningPod.run(node, "web", IMAGE);
        String job = pod.start("sh", "-c", "exit 7");
        expectEnd(events.await(job + " STOPPED"), job, 7);
        node.crictl().run("rm", job);
        events.await(job + " DELETED");
        assertThat(events.names())
            .containsExactly(
                pod.id() + " CREATED",
                pod.id() + " STARTED",
                job + " CREATED",
                job + " STARTED",
                job + " STOPPED",
                job + " DELETED");
        left = pod.start("sleep", "600");
        events.await(left + " STARTED");
        streamsAreListsInParts(events.cri());
        changeResources(events.cri(), pod);
        process = process(node, left);
        node.killDaemon();
        assertThat(events.awaitEnd()).startsWith("UNAVAILABLE");
      }
      assertThat(process.destroyForcibly()).isTrue();
      node.startDaemon();
      try (HeardEvents events = HeardEvents.listen(node)) {
        expectEnd(events.await(left + " STOPPED"), left, 137);
        assertThat(resources(node, pod)).isEqualTo(300);
        node.crictl().run("stopp", pod.id());
        node.crictl().run("rmp", pod.id());
        ContainerEventResponse last = events.await(pod.id() + " DELETED");
        assertThat(last.getPodSandboxStatus().getState())
            .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        assertThat(last.getPodSandboxStatus().getMetadata().getUid()).isEqualTo("web-uid");
        assertThat(events.names())
            .endsWith(pod.id() + " STOPPED", left + " DELETED", pod.id() + " DELETED");
      }
    }
  }

  private static void expectEnd(ContainerEventResponse event, String container, int exitCode) {
    assertThat(event.getContainersStatusesList())
        .filteredOn(status -> status.getId().equals(container))
        .singleElement()
        .extracting(ContainerStatus::getExitCode)
        .isEqualTo(exitCode);
    assertThat(event.getPodSandboxStatus().getNetwork().getIp()).isNotEmpty();
    assertThat(event.getPodSandboxStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
  }

  private static ProcessHandle process(Node node, String container) {
    long pid = node.crictl().json("inspect", container).at("/info/pid").asLong();
    return ProcessHandle.of(pid).orElseThrow();
  }

  private static <T, A extends MessageLite> List<T> joined(
      Iterator<A> stream, Function<A, List<T>> items) {
    List<T> joined = new ArrayList<>();
    stream.forEachRemaining(message -> {
      assertThat(items.apply(message)).isNotEmpty();
      joined.addAll(items.apply(message));
    });
    return joined;
  }

  /** Those who ask for figures within a quarter of a second get the same: not all is compared. */
  private static void streamsAreListsInParts(io.crij.cli.connection.Node cri) {
    var runtime = cri.runtime(PATIENCE);
    assertThat(
            joined(
                runtime.streamPodSandboxes(StreamPodSandboxesRequest.getDefaultInstance()),
                message -> message.getPodSandboxesList()))
        .hasSize(1)
        .isEqualTo(
            runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance()).getItemsList());
    assertThat(
            joined(
                runtime.streamContainers(StreamContainersRequest.getDefaultInstance()),
                message -> message.getContainersList()))
        .hasSize(1)
        .isEqualTo(
            runtime.listContainers(ListContainersRequest.getDefaultInstance()).getContainersList());
    assertThat(
            joined(
                cri.images(PATIENCE).streamImages(StreamImagesRequest.getDefaultInstance()),
                message -> message.getImagesList()))
        .hasSize(1)
        .isEqualTo(
            cri.images(PATIENCE)
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImagesList());
    figuresAreStreamed(cri);
    StreamContainersRequest.Builder none = StreamContainersRequest.newBuilder();
    none.getFilterBuilder().putLabelSelector("nobody", "has this");
    assertThat(runtime.streamContainers(none.build())).isExhausted();
  }

  private static void figuresAreStreamed(io.crij.cli.connection.Node cri) {
    var runtime = cri.runtime(PATIENCE);
    assertThat(
            joined(
                runtime.streamContainerStats(StreamContainerStatsRequest.getDefaultInstance()),
                message -> message.getContainerStatsList()))
        .extracting(stats -> stats.getAttributes())
        .hasSize(1)
        .isEqualTo(
            runtime
                .listContainerStats(ListContainerStatsRequest.getDefaultInstance())
                .getStatsList()
                .stream()
                .map(stats -> stats.getAttributes())
                .toList());
    assertThat(
            joined(
                runtime.streamPodSandboxStats(StreamPodSandboxStatsRequest.getDefaultInstance()),
                message -> message.getPodSandboxStatsList()))
        .extracting(stats -> stats.getLinux().getContainersCount())
        .hasSize(1)
        .isEqualTo(
            runtime
                .listPodSandboxStats(ListPodSandboxStatsRequest.getDefaultInstance())
                .getStatsList()
                .stream()
                .map(stats -> stats.getLinux().getContainersCount())
                .toList());
    assertThat(
            joined(
                runtime.streamPodSandboxMetrics(
                    StreamPodSandboxMetricsRequest.getDefaultInstance()),
                message -> message.getPodSandboxMetricsList()))
        .extracting(metrics -> metrics.getContainerMetrics(0).getMetricsCount())
        .hasSize(1)
        .isEqualTo(
            runtime
                .listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance())
                .getPodMetricsList()
                .stream()
                .map(metrics -> metrics.getContainerMetrics(0).getMetricsCount())
                .toList());
  }

  private static void changeResources(io.crij.cli.connection.Node cri, RunningPod pod) {
    UpdatePodSandboxResourcesRequest.Builder request =
        UpdatePodSandboxResourcesRequest.newBuilder().setPodSandboxId(pod.id());
    request.setResources(LinuxContainerResources.newBuilder().setCpuShares(300));
    assertThat(cri.runtime(PATIENCE).updatePodSandboxResources(request.build())).isNotNull();
    assertThat(resources(pod.node(), pod)).isEqualTo(300);

    request.setResources(LinuxContainerResources.newBuilder().setCpuShares(-1));
    assertThatThrownBy(() -> cri.runtime(PATIENCE).updatePodSandboxResources(request.build()))
        .hasMessageContaining("INVALID_ARGUMENT: resources.cpu_shares");
    request.setPodSandboxId("ffff");
    assertThatThrownBy(() -> cri.runtime(PATIENCE).updatePodSandboxResources(request.build()))
        .hasMessageContaining("NOT_FOUND");
    assertThat(resources(pod.node(), pod)).isEqualTo(300);
  }

  private static int resources(Node node, RunningPod pod) {
    JsonNode status = node.crictl().json("inspectp", pod.id());
    return status.at("/info/resources/cpu_shares").asInt(0);
  }
}
