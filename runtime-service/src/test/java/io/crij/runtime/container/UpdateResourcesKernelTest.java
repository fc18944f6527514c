package io.crij.runtime.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.LinuxContainerResources;
import io.crij.cri.v1.UpdateContainerResourcesRequest;
import io.crij.cri.v1.WindowsContainerResources;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cgroup.ControlGroups;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What UpdateContainerResources does to the cgroup, and what it records. */
@ExtendWith(LeavesNoTrace.class)
class UpdateResourcesKernelTest {
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

  private void update(String id, Consumer<LinuxContainerResources.Builder> edit) {
    LinuxContainerResources.Builder resources = LinuxContainerResources.newBuilder();
    edit.accept(resources);
    node.service.updateContainerResources(
        UpdateContainerResourcesRequest.newBuilder()
            .setContainerId(id)
            .setLinux(resources)
            .build());
  }

  /** The setting of the version of cgroups that the node has. */
  private String setting(String id, String first, String unified) {
    String value = ControlGroups.ofNode().read(node.cgroup + "/" + id, first);
    return String.valueOf(
        value == null ? ControlGroups.ofNode().read(node.cgroup + "/" + id, unified) : value);
  }

  private String memory(String id) {
    return setting(id, "memory.limit_in_bytes", "memory.max");
  }

  private LinuxContainerResources recorded(String id) {
    return node.status(id).getResources().getLinux();
  }

  private String limited() {
    return node.run(
        c ->
            c.getLinuxBuilder()
                .getResourcesBuilder()
                .setCpuShares(512)
                .setMemoryLimitInBytes(64 * MIB)
                .setOomScoreAdj(500),
        "sleep",
        "1000");
  }

  @Test
  void whatIsGivenIsChangedAndTheRestStays() throws Exception {
    String id = limited();

    update(id, r -> r.setMemoryLimitInBytes(128 * MIB).setCpuPeriod(50_000).setCpuQuota(25_000));
    update(id, r -> r.setCpusetCpus("0").setOomScoreAdj(7));

    assertThat(memory(id)).isEqualTo(Long.toString(128 * MIB));
    assertThat(setting(id, "cpu.cfs_quota_us", "cpu.max")).startsWith("25000");
    assertThat(setting(id, "cpuset.cpus", "cpuset.cpus")).isEqualTo("0");
    assertThat(setting(id, "cpu.shares", "cpu.weight")).isIn("512", "20");
    assertThat(recorded(id))
        .isEqualTo(
            LinuxContainerResources.newBuilder()
                .setCpuShares(512)
                .setCpuPeriod(50_000)
                .setCpuQuota(25_000)
                .setCpusetCpus("0")
                .setMemoryLimitInBytes(128 * MIB)
                .setOomScoreAdj(500)
                .build());
    node.restart();
    assertThat(recorded(id).getMemoryLimitInBytes()).isEqualTo(128 * MIB);

    update(id, r -> r.setMemoryLimitInBytes(32 * MIB).setCpuQuota(-1).setCpuShares(256));
    assertThat(memory(id)).isEqualTo(Long.toString(32 * MIB));
    assertThat(setting(id, "cpu.cfs_quota_us", "cpu.max")).matches("-1|max .*");
    assertThat(node.exec(id, 60, "/bin/true").getExitCode()).isZero();
  }

  @Test
  void aContainerThatIsNotStartedYetIsChangedToo() throws Exception {
    String id = node.create(node.container("sleep", "1000"));

    update(id, r -> r.setMemoryLimitInBytes(40 * MIB));
    node.start(id);

    assertThat(memory(id)).isEqualTo(Long.toString(40 * MIB));
    assertThat(recorded(id).getMemoryLimitInBytes()).isEqualTo(40 * MIB);
  }

  @Test
  void aLimitBelowWhatIsUsedIsRefusedAndNothingChanges() throws Exception {
    String holder =
        node.run(
            c ->
                c.getLinuxBuilder()
                    .setResources(
                        LinuxContainerResources.newBuilder()
                            .setMemoryLimitInBytes(100 * MIB)
                            .setCpuShares(512)),
            "/bin/sh",
            "-c",
            "head -c 40000000 /dev/zero > /dev/shm/crij-test; echo ready; exec sleep 1000");
    node.awaitLog(holder);

    assertThatThrownBy(
            () -> update(holder, r -> r.setMemoryLimitInBytes(16 * MIB).setCpuShares(128)))
        .isInstanceOf(ServiceException.FailedPrecondition.class)
        .hasMessageContaining("linux.memory_limit_in_bytes")
        .hasMessageContaining("uses");

    assertThat(memory(holder)).isEqualTo(Long.toString(100 * MIB));
    assertThat(setting(holder, "cpu.shares", "cpu.weight")).isIn("512", "20");
    assertThat(recorded(holder).getMemoryLimitInBytes()).isEqualTo(100 * MIB);
    assertThat(node.exec(holder, 60, "rm", "/dev/shm/crij-test").getExitCode()).isZero();
    update(holder, r -> r.setMemoryLimitInBytes(16 * MIB));
    assertThat(memory(holder)).isEqualTo(Long.toString(16 * MIB));
  }

  /** The OCI runtime changes all, and then fails; what had no limit has none again. */
  @Test
  void whatIsChangedHalfwayIsTakenBack() throws Exception {
    Path runc =
        Files.writeString(
            folder.resolve("failing-runc"),
            """
            #!/bin/sh
            /usr/sbin/runc "$@" || exit
            case "$*" in *" update "*) echo broken halfway >&2; exit 1;; esac
            """);
    Files.setPosixFilePermissions(runc, PosixFilePermissions.fromString("rwx------"));
    Path other = Files.createDirectory(folder.resolve("other"));
    ContainerNode failing = nodes.add(new ContainerNode(other, layout, "failing", runc));
    String id = failing.create(failing.container("sleep", "1000"));
    List<String> before = settings(failing, id);

    LinuxContainerResources changes =
        LinuxContainerResources.newBuilder()
            .setMemoryLimitInBytes(128 * MIB)
            .setCpuQuota(25_000)
            .setCpuShares(77)
            .setCpusetCpus("0")
            .build();
    assertThatThrownBy(() ->
            failing.service.updateContainerResources(
                UpdateContainerResourcesRequest.newBuilder()
                    .setContainerId(id)
                    .setLinux(changes)
                    .build()))
        .isInstanceOf(ServiceException.Internal.class)
        .hasMessageContaining("broken halfway");

    assertThat(settings(failing, id)).isEqualTo(before);
    assertThat(failing.status(id).getResources().getLinux().getMemoryLimitInBytes()).isZero();
  }

  private static List<String> settings(ContainerNode node, String id) {
    ControlGroups cgroups = ControlGroups.ofNode();
    return Stream.of(
            "memory.limit_in_bytes",
            "memory.max",
            "cpu.cfs_quota_us",
            "cpu.max",
            "cpu.shares",
            "cpu.weight",
            "cpuset.cpus")
        .map(file -> file + "=" + cgroups.read(node.cgroup + "/" + id, file))
        .toList();
  }

  @Test
  void badValuesAreRefusedByName() throws Exception {
    String id = limited();

    assertThatThrownBy(() -> update(id, r -> r.setCpusetCpus("0-2147483647")))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining("cpuset_cpus");
    assertThatThrownBy(() -> update(id, r -> r.setMemoryLimitInBytes(-9_000_000_000L)))
        .isInstanceOf(ServiceException.InvalidArgument.class)
        .hasMessageContaining("memory_limit_in_bytes");
    assertThatThrownBy(() ->
            node.service.updateContainerResources(
                UpdateContainerResourcesRequest.newBuilder()
                    .setContainerId(id)
                    .setWindows(WindowsContainerResources.getDefaultInstance())
                    .build()))
        .isInstanceOf(ServiceException.InvalidArgument.class);
    assertThatThrownBy(() -> update("f".repeat(64), r -> r.setCpuShares(2)))
        .isInstanceOf(ServiceException.NotFound.class);
    assertThat(memory(id)).isEqualTo(Long.toString(64 * MIB));
    node.stop(id, 0);
    assertThatThrownBy(() -> update(id, r -> r.setCpuShares(2)))
        .isInstanceOf(ServiceException.FailedPrecondition.class);
  }
}
