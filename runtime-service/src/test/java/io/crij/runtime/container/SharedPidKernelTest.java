package io.crij.runtime.container;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.ContainerState;
import io.crij.cri.v1.ContainerStatus;
import io.crij.cri.v1.ContainerStatusRequest;
import io.crij.cri.v1.ListContainersRequest;
import io.crij.cri.v1.NamespaceMode;
import io.crij.cri.v1.NamespaceOption;
import io.crij.cri.v1.PodSandboxState;
import io.crij.cri.v1.PodSandboxStatusRequest;
import io.crij.cri.v1.PodSandboxStatusResponse;
import io.crij.cri.v1.RemovePodSandboxRequest;
import io.crij.cri.v1.StopContainerRequest;
import io.crij.cri.v1.StopPodSandboxRequest;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessId;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.RuntimeServiceConfig.Pause;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cgroup.ControlGroups;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Pods whose containers share a PID namespace. */
@ExtendWith(LeavesNoTrace.class)
class SharedPidKernelTest {
  @TempDir static Path imageFolder;
  private static Path layout;

  @TempDir Path folder;
  @RegisterExtension final OpenNodes nodes = new OpenNodes();
  private ContainerNode node;

  private String shared;

  @BeforeAll
  static void makeImage() throws Exception {
    layout = BusyboxImage.create(imageFolder, "{}");
  }

  @BeforeEach
  void openNode() throws Exception {
    node = nodes.add(new ContainerNode(folder, layout));
    node.service.removePodSandbox(
        RemovePodSandboxRequest.newBuilder().setPodSandboxId(node.pod).build());
    shared = node.runPod(NamespaceMode.POD);
    node.pod = shared;
  }

  private String shell(String id, String script) {
    return node.exec(id, 60, "/bin/sh", "-c", script).getStdout().toStringUtf8();
  }

  private int infraPid() {
    return List.copyOf(ControlGroups.ofNode().processes(node.cgroup + "/" + shared)).getFirst();
  }

  @Test
  void containersSeeEachOtherAndTheInfraContainerIsTheFirst() throws Exception {
    String one = node.run(node.container("sleep", "4321"));
    String two = node.run(node.container("sleep", "8765"));

    assertThat(shell(two, "cat /proc/1/cmdline; ps")).contains("/pause").contains("sleep 4321");
    assertThat(shell(one, "ps")).contains("sleep 8765");
    assertThat(shell(two, "kill -9 $(ps | grep 'sleep [4]321' | sed 's/^ *//;s/ .*//')")).isEmpty();
    assertThat(node.awaitEnd(one).getExitCode()).isEqualTo(137);
    node.stop(two, 60);
    assertThat(node.status(two).getExitCode()).isEqualTo(143);
  }

  @Test
  void otherModesAreStillThere() throws Exception {
    String own = node.run(with(NamespaceMode.CONTAINER, "", "sleep", "4321"));
    String target = node.run(with(NamespaceMode.TARGET, own, "sleep", "8765"));
    String nodes = node.run(with(NamespaceMode.NODE, "", "sleep", "99"));

    assertThat(shell(own, "ps")).contains("1 root").doesNotContain("pause").contains("sleep 8765");
    assertThat(shell(target, "cat /proc/1/cmdline")).contains("4321");
    assertThat(shell(nodes, "readlink /proc/self/ns/pid"))
        .isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/pid")) + "\n");
  }

  private ContainerConfig.Builder with(NamespaceMode pid, String target, String... command) {
    ContainerConfig.Builder container = node.container(command);
    container
        .getLinuxBuilder()
        .getSecurityContextBuilder()
        .setNamespaceOptions(
            NamespaceOption.newBuilder()
                .setNetwork(NamespaceMode.NODE)
                .setPid(pid)
                .setTargetId(target));
    return container;
  }

  @Test
  void theInfraContainerReapsWhatContainersLeave() throws Exception {
    String id = node.run(node.container("sleep", "4321"));

    // The middle one ends, so its child becomes the first process's, and ends too.
    shell(id, "(sleep 0.2 & exec 1>&- 2>&-) >/dev/null 2>&1; (sh -c 'exit 3' &)");

    await(() -> !shell(id, "cat /proc/[0-9]*/stat").contains(") Z "));
    assertThat(shell(id, "ps")).contains("pause");
  }

  @Test
  void theInfraContainerIsNoneOfTheContainers() throws Exception {
    String id = node.run(node.container("sleep", "4321"));

    assertThat(
            node.service
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersList())
        .singleElement()
        .satisfies(only -> assertThat(only.getId()).isEqualTo(id));
    assertThat(pod().getContainersStatusesList()).hasSize(1);
    assertThatThrownBy(() ->
            node.service.containerStatus(
                ContainerStatusRequest.newBuilder().setContainerId(shared).build()))
        .isInstanceOf(ServiceException.NotFound.class);
    node.service.stopContainer(StopContainerRequest.newBuilder().setContainerId(shared).build());
    node.remove(shared);
    assertThatThrownBy(() -> node.exec(shared, 5, "/bin/true"))
        .isInstanceOf(ServiceException.NotFound.class);
    assertThat(infraPid()).isPositive();
    String status = Files.readString(Path.of("/proc/" + infraPid() + "/status"));
    assertThat(status).contains("CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2");
    assertThatThrownBy(() -> node.removeImage(ContainerNode.IMAGE)).hasMessageContaining(shared);
  }

  private PodSandboxStatusResponse pod() {
    return node.service.podSandboxStatus(
        PodSandboxStatusRequest.newBuilder().setPodSandboxId(shared).build());
  }

  @Test
  void aRestartFindsItAgain() throws Exception {
    String before = node.run(node.container("sleep", "4321"));
    int pid = infraPid();

    node.restart();

    assertThat(infraPid()).isEqualTo(pid);
    assertThat(pod().getStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
    String after = node.run(node.container("sleep", "8765"));
    assertThat(shell(after, "ps")).contains("sleep 4321");
    node.service.stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(shared).build());
    assertThat(node.status(before).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(ControlGroups.ofNode().processes(node.cgroup + "/" + shared)).isEmpty();
  }

  @Test
  void whatItRunsMayChangeForPodsThatAreMadeLater() throws Exception {
    node.configure(new Pause("", ""));
    assertThatThrownBy(() -> node.runPod(NamespaceMode.POD))
        .isInstanceOf(ServiceException.FailedPrecondition.class)
        .hasMessageContaining("crij.image.pause_image");

    node.configure(new Pause(ContainerNode.IMAGE, "/bin/yes"));
    node.pod = node.runPod(NamespaceMode.POD);
    String later = node.run(node.container("sleep", "8765"));
    assertThat(shell(later, "cat /proc/1/cmdline")).startsWith("/bin/yes");
    node.removePod(node.pod);

    node.pod = shared;
    String before = node.run(node.container("sleep", "4321"));
    assertThat(shell(before, "cat /proc/1/cmdline")).contains("/pause");
  }

  @Test
  void withoutItThePodIsNotReady() throws Exception {
    String id = node.run(node.container("sleep", "4321"));

    kill(infraPid());

    await(() -> pod().getStatus().getState() == PodSandboxState.SANDBOX_NOTREADY);
    assertThat(node.awaitEnd(id).getExitCode()).isEqualTo(137);
    assertThatThrownBy(() -> node.create(node.container("/bin/true")))
        .isInstanceOf(ServiceException.FailedPrecondition.class)
        .hasMessageContaining("not ready");
  }

  @Test
  void anEndWhileTheServiceIsAwayIsSeen() throws Exception {
    String id = node.run(node.container("sleep", "4321"));
    int pid = infraPid();
    node.closeService();
    kill(pid);
    node.awaitExitFile(shared);
    node.openService();

    await(() -> pod().getStatus().getState() == PodSandboxState.SANDBOX_NOTREADY);
    ContainerStatus ended = node.awaitEnd(id);
    assertThat(ended.getExitCode()).isEqualTo(137);
  }

  private static void kill(int pid) {
    try (Pidfd pidfd =
        Objects.requireNonNull(Pidfd.open(Objects.requireNonNull(ProcessId.find(pid))))) {
      assertThat(pidfd.signal(9)).isTrue();
    }
  }
}
