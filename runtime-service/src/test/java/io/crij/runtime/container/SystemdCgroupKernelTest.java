package io.crij.runtime.container;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.CgroupDriver;
import io.crij.cri.v1.LinuxContainerResources;
import io.crij.cri.v1.RuntimeConfigRequest;
import io.crij.cri.v1.UpdateContainerResourcesRequest;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.RuntimeServiceConfig.CgroupManager;
import io.crij.runtime.cgroup.ControlGroups;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Containers in slices and scopes. There is no systemd here: runc speaks to a bus of the test's
 * own, where a program answers as systemd, and notes what it was asked for.
 */
@ExtendWith(LeavesNoTrace.class)
class SystemdCgroupKernelTest {
  private static final long LIMIT_BYTES = 48L << 20;

  @TempDir Path imageFolder;
  @TempDir Path folder;
  @RegisterExtension final OpenNodes nodes = new OpenNodes();
  private ContainerNode node;
  private String slice = "";
  private Process systemd;
  private Path calls;

  @BeforeEach
  void openNode() throws Exception {
    Path runtime = imageFolder.resolve("runc");
    Path bus = imageFolder.resolve("bus");
    calls = imageFolder.resolve("calls");
    systemd = startSystemd(bus);
    node =
        nodes.add(
            new ContainerNode(
                folder,
                BusyboxImage.create(imageFolder, "{}"),
                "runc",
                withBus(runtime, bus),
                CgroupManager.SYSTEMD));
    slice = slicePath(node.cgroup);
  }

  /** Of {@code /a-b-c} it is {@code /a.slice/a-b.slice/a-b-c.slice}. */
  private static String slicePath(String cgroup) {
    StringBuilder path = new StringBuilder();
    StringBuilder name = new StringBuilder();
    for (String part : cgroup.substring(1).split("-")) {
      name.append(name.isEmpty() ? "" : "-").append(part);
      path.append('/').append(name).append(".slice");
    }
    return path.toString();
  }

  /** What it finds at {@code /run/systemd/system} says to runc that systemd runs here. */
  private static Path withBus(Path program, Path bus) throws Exception {
    Files.writeString(
        program,
        """
        #!/bin/sh
        export DBUS_SYSTEM_BUS_ADDRESS=unix:path=%s
        exec unshare --mount sh -ec \
          'mount -t tmpfs tmpfs /run; mkdir -p /run/systemd/system; exec /usr/sbin/runc "$@"' runc "$@"
        """
            .formatted(bus));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return program;
  }

  private Process startSystemd(Path bus) throws Exception {
    Path script = imageFolder.resolve("systemd.pl");
    try (InputStream text = getClass().getResourceAsStream("systemd.pl")) {
      Files.copy(Objects.requireNonNull(text), script);
    }
    Process process =
        new ProcessBuilder("perl", script.toString(), bus.toString(), calls.toString())
            .redirectErrorStream(true)
            .start();
    assertThat(process.inputReader().readLine()).isEqualTo("ready");
    return process;
  }

  @AfterEach
  void closeNode() throws Exception {
    nodes.close();
    removeSlices();
    if (systemd != null) {
      systemd.destroyForcibly().waitFor();
    }
  }

  /** As systemd does when they are empty; those above the test's own may be another's, too. */
  private void removeSlices() throws Exception {
    try (var hierarchies = Files.newDirectoryStream(Path.of("/sys/fs/cgroup"))) {
      for (Path hierarchy : hierarchies) {
        for (String path = slice;
            !path.isEmpty() && hierarchy.resolve(path.substring(1)).toFile().delete();
            path = path.substring(0, path.lastIndexOf('/'))) {
          // The one above is next.
        }
      }
    }
  }

  @Test
  void aContainerLivesInAScopeOfItsPodsSlice() throws Exception {
    assertThat(
            node.service
                .runtimeConfig(RuntimeConfigRequest.getDefaultInstance())
                .getLinux()
                .getCgroupDriver())
        .isEqualTo(CgroupDriver.SYSTEMD);
    String id =
        node.run(
            c -> c.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(LIMIT_BYTES),
            "/bin/sh",
            "-c",
            "cat /proc/self/cgroup; sleep 1000 & sleep 1000");
    String scope = slice + "/crij-" + id + ".scope";
    node.awaitLog(id);
    assertThat(node.log(id)).anySatisfy(line -> assertThat(line).endsWith(":memory:" + scope));
    String unit = "crij-" + id + ".scope";
    String sliceName = slice.substring(slice.lastIndexOf('/') + 1);
    assertThat(calls(unit).getFirst())
        .startsWith("StartTransientUnit " + unit + " replace ")
        .contains("(Slice " + sliceName + ")", "(Delegate 1)")
        .containsPattern("\\(PIDs \\[[0-9]+]\\)");
    assertThat(calls(unit).getLast())
        .startsWith("SetUnitProperties " + unit)
        .contains("(MemoryLimit " + LIMIT_BYTES + ")");
    assertThat(ControlGroups.ofNode().processes(scope)).hasSizeGreaterThan(1);

    node.service.updateContainerResources(
        UpdateContainerResourcesRequest.newBuilder()
            .setContainerId(id)
            .setLinux(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(2 * LIMIT_BYTES))
            .build());
    assertThat(ControlGroups.ofNode().read(scope, "memory.limit_in_bytes"))
        .isEqualTo(Long.toString(2 * LIMIT_BYTES));
    assertThat(calls(unit))
        .anySatisfy(call ->
            assertThat(call)
                .startsWith("SetUnitProperties " + unit)
                .contains("(MemoryLimit " + 2 * LIMIT_BYTES + ")"));
    node.restart();
    node.stop(id, 0);
    assertThat(ControlGroups.ofNode().processes(scope)).isEmpty();
    node.remove(id);
    assertThat(Path.of("/sys/fs/cgroup/memory" + scope)).doesNotExist();
    assertThat(calls(unit)).anySatisfy(call -> assertThat(call).startsWith("StopUnit " + unit));
  }

  private List<String> calls(String unit) throws Exception {
    return Files.readAllLines(calls).stream().filter(call -> call.contains(unit)).toList();
  }

  /** Other instances probe their OCI runtimes at the same time, and systemd is one. */
  @Test
  void theProbesScopeIsTheInstancesOwn() throws Exception {
    String unit = "crij-probe-runc" + node.cgroup.replace('/', '-') + ".scope";
    await("the probe's end", () -> !calls(unit).isEmpty());
  }

  /** Pods go on where they are, and so do those that come to them. */
  @Test
  void aPodKeepsItsManagerWhenTheSettingChanges() throws Exception {
    String before = node.run(_ -> {}, "/bin/sleep", "1000");
    node.useCgroupManager(CgroupManager.CGROUPFS);
    String after = node.run(_ -> {}, "/bin/sleep", "1000");
    for (String id : List.of(before, after)) {
      String scope = slice + "/crij-" + id + ".scope";
      assertThat(ControlGroups.ofNode().processes(scope)).hasSize(1);
      assertThat(node.exec(id, 30, "/bin/echo", "x").getExitCode()).isZero();
      node.stop(id, 0);
      assertThat(ControlGroups.ofNode().processes(scope)).isEmpty();
      node.remove(id);
    }
    assertThat(
            node.service
                .runtimeConfig(RuntimeConfigRequest.getDefaultInstance())
                .getLinux()
                .getCgroupDriver())
        .isEqualTo(CgroupDriver.CGROUPFS);
  }
}
