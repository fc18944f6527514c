package io.crij.runtime.container;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.ContainerStats;
import io.crij.cri.v1.ContainerStatsFilter;
import io.crij.cri.v1.ContainerStatsRequest;
import io.crij.cri.v1.LinuxPodSandboxStats;
import io.crij.cri.v1.ListContainerStatsRequest;
import io.crij.cri.v1.ListMetricDescriptorsRequest;
import io.crij.cri.v1.ListPodSandboxMetricsRequest;
import io.crij.cri.v1.ListPodSandboxStatsRequest;
import io.crij.cri.v1.Metric;
import io.crij.cri.v1.MetricDescriptor;
import io.crij.cri.v1.PodSandboxStats;
import io.crij.cri.v1.PodSandboxStatsFilter;
import io.crij.cri.v1.PodSandboxStatsRequest;
import io.crij.cri.v1.StopPodSandboxRequest;
import io.crij.linux.cgroup.CgroupFolder;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.ServiceException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What real containers use, as it is told. */
@ExtendWith(LeavesNoTrace.class)
class StatsKernelTest {
  private static final long MIB = 1L << 20;

  @TempDir static Path imageFolder;
  private static Path layout;

  @TempDir Path folder;
  @RegisterExtension final OpenNodes nodes = new OpenNodes();
  private ContainerNode node;

  @BeforeAll
  static void makeImage() throws Exception {
    layout = BusyboxImage.create(imageFolder, "{}");
  }

  @BeforeEach
  void openNode() throws Exception {
    node = nodes.add(new ContainerNode(folder, layout));
  }

  private ContainerStats stats(String id) {
    return node.service
        .containerStats(ContainerStatsRequest.newBuilder().setContainerId(id).build())
        .getStats();
  }

  private List<String> listed(ContainerStatsFilter filter) {
    return node
        .service
        .listContainerStats(ListContainerStatsRequest.newBuilder().setFilter(filter).build())
        .getStatsList()
        .stream()
        .map(stats -> stats.getAttributes().getId())
        .toList();
  }

  private PodSandboxStats podStats() {
    return node.service
        .podSandboxStats(PodSandboxStatsRequest.newBuilder().setPodSandboxId(node.pod).build())
        .getStats();
  }

  private List<PodSandboxStats> podsListed(PodSandboxStatsFilter filter) {
    return node.service
        .listPodSandboxStats(ListPodSandboxStatsRequest.newBuilder().setFilter(filter).build())
        .getStatsList();
  }

  private String sleeping() {
    return node.run(node.container("sleep", "1000"));
  }

  @Test
  void whatAContainerUsesIsTold() throws Exception {
    String id =
        node.run(
            c -> c.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(64 * MIB),
            "sh",
            "-c",
            "head -c 3000000 /dev/zero > /file; while true; do true; done");

    await("its use of a processor", () -> stats(id).getCpu().getUsageNanoCores().getValue() > 1e7);
    await("its file", () -> stats(id).getWritableLayer().getUsedBytes().getValue() > 2_900_000);

    ContainerStats stats = stats(id);
    assertThat(stats.getAttributes().getId()).isEqualTo(id);
    assertThat(stats.getAttributes().getMetadata().getName()).startsWith("c");
    assertThat(stats.getCpu().getUsageCoreNanoSeconds().getValue()).isGreaterThan(10_000_000);
    assertThat(stats.getCpu().getTimestamp()).isGreaterThan(node.status(id).getStartedAt());
    assertThat(stats.getMemory().getTimestamp()).isEqualTo(stats.getCpu().getTimestamp());
    assertThat(stats.getMemory().getUsageBytes().getValue()).isBetween(1L, 64 * MIB);
    assertThat(stats.getMemory().getRssBytes().getValue()).isBetween(1L, 64 * MIB);
    assertThat(stats.getMemory().getPageFaults().getValue()).isPositive();
    assertThat(
            stats.getMemory().getAvailableBytes().getValue()
                + stats.getMemory().getWorkingSetBytes().getValue())
        .isEqualTo(64 * MIB);
    assertThat(stats.getWritableLayer().getFsId().getMountpoint())
        .isEqualTo(node.config.root().toString());
    assertThat(stats.getWritableLayer().getInodesUsed().getValue()).isPositive();
  }

  @Test
  void filesOfACgroupStayOpenAsLongAsItsContainerLives() {
    String id = sleeping();
    String other = sleeping();

    stats(id);
    stats(other);
    long open = openFilesOf(id);
    stats(id);
    assertThat(openFilesOf(id)).isEqualTo(open).isBetween(1L, 9L);

    node.stop(id, 0);
    assertThat(openFilesOf(id)).isZero();
    assertThat(openFilesOf(other)).isEqualTo(open);
    stats(other);
    node.remove(other);
    assertThat(openFilesOf(other)).isZero();
  }

  /** Of this process, in cgroups whose name has the id. */
  private static long openFilesOf(String id) {
    File[] descriptors = Objects.requireNonNull(new File("/proc/self/fd").listFiles());
    return Arrays.stream(descriptors)
        .map(StatsKernelTest::target)
        .filter(path -> path.startsWith("/sys/fs/cgroup/") && path.contains(id))
        .count();
  }

  private static String target(File link) {
    try {
      return Files.readSymbolicLink(link.toPath()).toString();
    } catch (IOException _) {
      return ""; // closed meanwhile
    }
  }

  @Test
  void whatIsNotLimitedHasNothingAvailable() {
    assertThat(stats(sleeping()).getMemory().hasAvailableBytes()).isFalse();
  }

  @Test
  void listsHoldThoseThatMatchAndLive() throws Exception {
    String first = node.run(node.container("sleep", "1000").putLabels("color", "red"));
    String second = node.create(node.container("sleep", "1000").putLabels("color", "blue"));
    String ended = node.run(node.container("true").putLabels("color", "red"));
    node.awaitEnd(ended);

    assertThat(listed(ContainerStatsFilter.getDefaultInstance())).containsExactly(first, second);
    assertThat(listed(ContainerStatsFilter.newBuilder().setId(first.substring(0, 13)).build()))
        .containsExactly(first);
    assertThat(
            listed(
                ContainerStatsFilter.newBuilder()
                    .setPodSandboxId(node.pod.substring(0, 13))
                    .putLabelSelector("color", "blue")
                    .build()))
        .containsExactly(second);
    assertThat(listed(ContainerStatsFilter.newBuilder().setPodSandboxId("x").build())).isEmpty();
  }

  @Test
  void aContainerThatEndedStillTakesDiskSpace() throws Exception {
    String id = node.run(node.container("sh", "-c", "echo 1 > /file"));
    node.awaitEnd(id);

    await("its layer", () -> stats(id).getWritableLayer().getInodesUsed().getValue() > 0);
    assertThat(stats(id).hasCpu()).isFalse();
    assertThat(stats(id).getAttributes().getId()).isEqualTo(id);

    node.remove(id);
    assertThatThrownBy(() -> stats(id)).isInstanceOf(ServiceException.NotFound.class);
  }

  @Test
  void aPodUsesWhatItsContainersUse() throws Exception {
    String first = sleeping();
    String second = node.run(node.container("sh", "-c", "sleep 1000 & wait"));
    await(
        "three processes",
        () -> podStats().getLinux().getProcess().getProcessCount().getValue() == 3);

    PodSandboxStats stats = podStats();

    assertThat(stats.getAttributes().getId()).isEqualTo(node.pod);
    LinuxPodSandboxStats linux = stats.getLinux();
    assertThat(linux.getContainersList())
        .extracting(one -> one.getAttributes().getId())
        .containsExactly(first, second);
    assertThat(linux.getMemory().getUsageBytes().getValue())
        .isGreaterThanOrEqualTo(
            linux.getContainersList().stream()
                .mapToLong(one -> one.getMemory().getRssBytes().getValue())
                .sum());
    assertThat(linux.getCpu().getUsageCoreNanoSeconds().getValue()).isPositive();
    // It is on the node's network.
    assertThat(linux.hasNetwork()).isFalse();
  }

  @Test
  void aStoppedPodIsKnownButNotListed() {
    String id = node.pod;
    assertThat(podsListed(PodSandboxStatsFilter.newBuilder().setId(id.substring(0, 13)).build()))
        .hasSize(1);
    assertThat(podsListed(PodSandboxStatsFilter.newBuilder().putLabelSelector("a", "b").build()))
        .isEmpty();

    node.service.stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());

    assertThat(podsListed(PodSandboxStatsFilter.getDefaultInstance())).isEmpty();
    assertThat(podStats().getAttributes().getId()).isEqualTo(id);
    assertThat(podStats().hasLinux()).isFalse();
  }

  private Map<String, Metric> metrics(String id) {
    return node
        .service
        .listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance())
        .getPodMetricsList()
        .stream()
        .flatMap(pod -> pod.getContainerMetricsList().stream())
        .filter(container -> container.getContainerId().equals(id))
        .flatMap(container -> container.getMetricsList().stream())
        .collect(Collectors.toMap(Metric::getName, metric -> metric, (one, _) -> one));
  }

  @Test
  void metricsTellWhatAContainerDoes() throws Exception {
    String id =
        node.run(
            c -> c.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(64 * MIB),
            "sh",
            "-c",
            "echo 1 > /file; sleep 1000 & wait");
    await("its layer", () -> metrics(id).containsKey("container_fs_usage_bytes"));
    await("its processes", () -> value(metrics(id), "container_processes") == 2);

    Map<String, Metric> metrics = metrics(id);

    assertThat(value(metrics, "container_threads")).isEqualTo(2);
    assertThat(value(metrics, "container_file_descriptors")).isGreaterThanOrEqualTo(6);
    assertThat(value(metrics, "container_ulimits_soft")).isPositive();
    assertThat(value(metrics, "container_spec_memory_limit_bytes")).isEqualTo(64 * MIB);
    assertThat(value(metrics, "container_spec_memory_swap_limit_bytes"))
        .as("swap is limited with memory, where it is counted")
        .isEqualTo(stats(id).hasSwap() ? 64 * MIB : 0);
    assertThat(value(metrics, "container_memory_usage_bytes")).isBetween(1L, 64 * MIB);
    assertThat(value(metrics, "container_memory_max_usage_bytes")).isPositive();
    assertThat(value(metrics, "container_fs_limit_bytes")).isGreaterThan(MIB);
    assertThat(value(metrics, "container_fs_inodes_total")).isNotNegative();
    assertThat(value(metrics, "container_start_time_seconds"))
        .isEqualTo(node.status(id).getStartedAt() / 1_000_000_000);
    assertThat(value(metrics, "container_last_seen"))
        .isGreaterThanOrEqualTo(value(metrics, "container_start_time_seconds"));
    assertThat(Objects.requireNonNull(metrics.get("container_processes")).getLabelValuesList())
        .containsExactly(
            node.cgroup + "/" + id,
            id,
            ContainerNode.IMAGE,
            node.status(id).getMetadata().getName(),
            podStats().getAttributes().getMetadata().getName(),
            "test");
    node.stop(id, 0);
    assertThat(metrics(id)).isEmpty();
  }

  /** As while it is removed: a counter must not be seen to go back to 0. */
  @Test
  void aContainerThatHasLostAGroupHasNoMetrics() throws Exception {
    String id = sleeping();
    assertThat(value(metrics(id), "container_memory_failures_total")).isPositive();
    Path memory = CgroupFolder.ROOT.resolve(CgroupFolder.isUnified() ? "" : "memory");
    Path group = memory.resolve(node.cgroup.substring(1)).resolve(id);
    for (String pid : Files.readAllLines(group.resolve("cgroup.procs"))) {
      Files.writeString(memory.resolve("cgroup.procs"), pid);
    }
    await("that the group is gone", () -> Files.deleteIfExists(group));

    assertThat(metrics(id)).isEmpty();
  }

  private static long value(Map<String, Metric> metrics, String name) {
    assertThat(metrics).containsKey(name);
    return Objects.requireNonNull(metrics.get(name)).getValue().getValue();
  }

  @Test
  void everyMetricIsDescribedWithItsLabels() {
    Map<String, MetricDescriptor> descriptors =
        node
            .service
            .listMetricDescriptors(ListMetricDescriptorsRequest.getDefaultInstance())
            .getDescriptorsList()
            .stream()
            .collect(Collectors.toMap(MetricDescriptor::getName, one -> one));
    assertThat(descriptors).hasSize(56);
    Map<String, Metric> metrics = metrics(sleeping());

    assertThat(descriptors).containsKeys(metrics.keySet().toArray(String[]::new));
    assertThat(metrics.values())
        .allSatisfy(metric ->
            assertThat(metric.getLabelValuesList())
                .describedAs(metric.getName())
                .hasSameSizeAs(
                    Objects.requireNonNull(descriptors.get(metric.getName())).getLabelKeysList()));
  }

  @Test
  void whoIsNotThereIsSaidSo() {
    assertThatThrownBy(() -> stats("abc"))
        .isInstanceOf(ServiceException.NotFound.class)
        .hasMessageContaining("abc");
    assertThatThrownBy(() ->
            node.service.podSandboxStats(
                PodSandboxStatsRequest.newBuilder().setPodSandboxId("abc").build()))
        .isInstanceOf(ServiceException.NotFound.class)
        .hasMessageContaining("abc");
  }
}
