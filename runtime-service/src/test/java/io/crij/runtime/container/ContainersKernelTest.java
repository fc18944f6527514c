package io.crij.runtime.container;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.ContainerFilter;
import io.crij.cri.v1.ContainerState;
import io.crij.cri.v1.ContainerStateValue;
import io.crij.cri.v1.ContainerStatus;
import io.crij.cri.v1.ExecSyncResponse;
import io.crij.cri.v1.ImageSpec;
import io.crij.cri.v1.ListContainersRequest;
import io.crij.cri.v1.Mount;
import io.crij.cri.v1.PodSandboxStatusRequest;
import io.crij.cri.v1.Signal;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.ServiceException;
import io.crij.runtime.names.Stage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeavesNoTrace.class)
class ContainersKernelTest {
  @TempDir static Path imageFolder;
  private static Path layout;

  @TempDir Path folder;
  @RegisterExtension final OpenNodes nodes = new OpenNodes();
  private ContainerNode node;

  @BeforeAll
  static void makeImage() throws Exception {
    layout = BusyboxImage.create(imageFolder, "{\"Cmd\": [\"/bin/sh\", \"-c\", \"echo image\"]}");
  }

  @BeforeEach
  void openNode() throws Exception {
    node = nodes.add(new ContainerNode(folder, layout));
  }

  @Test
  void aContainerLivesFromCreateToRemove() throws Exception {
    String id = node.create(node.container("/bin/sh", "-c", "echo hello; echo oops >&2; exit 7"));
    assertThat(node.status(id).getState()).isEqualTo(ContainerState.CONTAINER_CREATED);

    node.start(id);
    ContainerStatus ended = node.awaitEnd(id);

    assertThat(ended.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(ended.getExitCode()).isEqualTo(7);
    assertThat(ended.getReason()).isEqualTo("Error");
    assertThat(ended.getCreatedAt()).isPositive().isLessThan(ended.getStartedAt());
    assertThat(ended.getStartedAt()).isLessThanOrEqualTo(ended.getFinishedAt());
    assertThat(node.log(id)).containsExactlyInAnyOrder("hello", "oops");
    node.remove(id);
    node.remove(id);
    assertThatThrownBy(() -> node.status(id)).isInstanceOf(ServiceException.NotFound.class);
  }

  @Test
  void withoutACommandTheImagesIsRun() throws Exception {
    String id = node.run(node.container());

    assertThat(node.awaitEnd(id).getReason()).isEqualTo("Completed");
    assertThat(node.log(id)).containsExactly("image");
    assertThat(node.status(id).getImage().getImage()).isEqualTo(ContainerNode.IMAGE);
    assertThat(node.status(id).getImageId()).matches("[0-9a-f]{64}");
  }

  @Test
  void anImageIsAVolume() throws Exception {
    Mount volume =
        Mount.newBuilder()
            .setContainerPath("/volume")
            .setImage(ImageSpec.newBuilder().setImage(ContainerNode.IMAGE))
            .setImageSubPath("etc")
            .build();
    String id =
        node.run(
            node.container(
                    "/bin/sh",
                    "-c",
                    "head -n 1 /volume/passwd; touch /volume/new; grep /volume /proc/self/mounts")
                .addMounts(volume));

    assertThat(node.awaitEnd(id).getReason()).isIn("Completed", "Error");
    assertThat(String.join("\n", node.log(id)))
        .contains("root:x:0:0", "Read-only file system", "ro,nosuid,nodev,noexec");
    assertThat(node.status(id).getMounts(0).getImage().getImageRef()).isNotEmpty();
    assertThat(node.status(id).getMounts(0).getImageSubPath()).isEqualTo("etc");
  }

  /** The kubelet repeats it for each mount of a pod that has an image volume. */
  @Test
  void aSubPathOfNoImageSaysNothing() throws Exception {
    Path folder = Files.createDirectories(node.config.root().resolveSibling("volume/sub"));
    Files.writeString(folder.resolve("file"), "of the node\n");
    Mount mount =
        Mount.newBuilder()
            .setContainerPath("/volume")
            .setHostPath(folder.toString())
            .setImageSubPath("sub")
            .build();

    String id = node.run(node.container("/bin/sh", "-c", "cat /volume/file").addMounts(mount));

    assertThat(node.awaitEnd(id).getReason()).isEqualTo("Completed");
    assertThat(node.log(id)).containsExactly("of the node");
  }

  @Test
  void aVolumeThatCannotBeMountedLeavesNothing() {
    Mount.Builder volume =
        Mount.newBuilder()
            .setContainerPath("/volume")
            .setImage(ImageSpec.newBuilder().setImage(ContainerNode.IMAGE))
            .setImageSubPath("nothing/here");

    assertThatThrownBy(() -> node.run(node.container("/bin/true").addMounts(volume)))
        .isInstanceOf(ServiceException.NotFound.class)
        .hasMessageStartingWith("ImageVolumeMountFailed: sub path \"nothing/here\" does not exist");
    assertThatThrownBy(() ->
            node.run(
                node.container("/bin/true")
                    .addMounts(
                        volume.setImage(ImageSpec.newBuilder().setImage("example.com/none:1")))))
        .isInstanceOf(ServiceException.NotFound.class)
        .hasMessageStartingWith("ImageVolumeMountFailed");
    assertThat(node.config.runroot().resolve("containers")).isEmptyDirectory();
  }

  @Test
  void aFailedCreationLeavesNothingAndItsNameIsFree() throws Exception {
    var container = node.container("/bin/absent");
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> node.create(container))
          .isInstanceOf(ServiceException.Internal.class)
          .hasMessageContaining("/bin/absent");
    }
    assertThat(node.service.listContainers(ListContainersRequest.getDefaultInstance()).toString())
        .isEmpty();
    node.remove(node.create(container.clearCommand()));
  }

  @Test
  void theSameNameIsTakenAndTheSameRequestIsNot() {
    var container = node.container("/bin/true");
    String id = node.create(container);

    assertThatThrownBy(() -> node.create(container))
        .isInstanceOf(ServiceException.AlreadyExists.class)
        .hasMessageContaining(id);
  }

  @Test
  void execRunsInTheContainerAsItsUser() {
    String id =
        node.run(
            c ->
                c.getLinuxBuilder()
                    .getSecurityContextBuilder()
                    .setRunAsUsername("app")
                    .addSupplementalGroups(777),
            "sleep",
            "1000");

    ExecSyncResponse result =
        node.exec(id, 60, "sh", "-c", "id; grep -E 'Cap(Inh|Amb)' /proc/self/status; exit 3");

    assertThat(result.getExitCode()).isEqualTo(3);
    assertThat(result.getStdout().toStringUtf8())
        .contains("uid=1000(app) gid=1000(app)", "500(extra)", "777")
        .contains("CapInh:\t0000000000000000", "CapAmb:\t0000000000000000");
    assertThat(node.status(id).getUser().getLinux().getUid()).isEqualTo(1000);
    assertThat(node.status(id).getUser().getLinux().getSupplementalGroupsList())
        .containsExactly(500L, 777L, 1000L);
  }

  @Test
  void anExecThatTakesTooLongIsKilled() {
    String id = node.run(node.container("sleep", "1000"));

    assertThatThrownBy(() -> node.exec(id, 1, "sleep", "100"))
        .isInstanceOf(ServiceException.DeadlineExceeded.class);
    assertThat(node.exec(id, 60, "ps").getStdout().toStringUtf8()).doesNotContain("sleep 100\n");
    assertThat(node.exec(id, 60, "sh", "-c", "yes | head -c 20000000").getStdout().size())
        .isEqualTo(16 << 20);
    node.stop(id, 0);
    assertThatThrownBy(() -> node.exec(id, 1, "true"))
        .isInstanceOf(ServiceException.FailedPrecondition.class);
  }

  @Test
  void anIdMayBeGivenByItsBeginning() throws Exception {
    String id = node.create(node.container("sleep", "1000"));
    String shown = id.substring(0, 13);

    node.start(shown);
    assertThat(node.status(shown).getId()).isEqualTo(id);
    assertThat(node.exec(shown, 60, "echo", "here").getStdout().toStringUtf8()).isEqualTo("here\n");
    node.stop(shown, 0);
    assertThat(node.status(id).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    node.remove(shown);
    assertThatThrownBy(() -> node.status(id)).isInstanceOf(ServiceException.NotFound.class);
  }

  @Test
  void theStopSignalIsSentFirst() throws Exception {
    String id =
        node.run(
            c -> c.setStopSignal(Signal.SIGNAL_SIGUSR1),
            "/bin/sh",
            "-c",
            "trap 'echo asked; exit 5' USR1; echo ready; while true; do usleep 10000; done");
    node.awaitLog(id);

    node.stop(id, 60);

    assertThat(node.status(id).getExitCode()).isEqualTo(5);
    assertThat(node.status(id).getStopSignal()).isEqualTo(Signal.SIGNAL_SIGUSR1);
    assertThat(node.log(id)).containsExactly("ready", "asked");
    node.stop(id, 60);
  }

  @Test
  void aShorterTimeOfALaterCallerCounts() throws Exception {
    String id =
        node.run(
            node.container(
                "/bin/sh",
                "-c",
                "trap 'echo asked' TERM; echo ready; while true; do usleep 10000; done"));
    node.awaitLog(id);
    long start = System.nanoTime();
    Thread first = Thread.ofVirtual().start(() -> node.stop(id, 600));
    await(() -> node.log(id).contains("asked"));

    node.stop(id, 1);
    first.join();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(4));
    assertThat(node.status(id).getExitCode()).isEqualTo(137);
  }

  @Test
  void aCreatedContainerCanBeStoppedAndRemoved() throws Exception {
    String stopped = node.create(node.container("sleep", "1000"));
    node.stop(stopped, 5);
    assertThat(node.status(stopped).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThatThrownBy(() -> node.start(stopped))
        .isInstanceOf(ServiceException.FailedPrecondition.class);

    node.remove(node.create(node.container("sleep", "1000")));
    node.remove(node.run(node.container("sleep", "1000")));
  }

  @Test
  void listsAreFiltered() {
    String running = node.run(c -> c.putLabels("app", "web"), "sleep", "1000");
    String created = node.create(node.container("sleep", "1000"));

    assertThat(list(ContainerFilter.newBuilder())).containsExactly(running, created);
    assertThat(list(ContainerFilter.newBuilder().setId(created.substring(0, 12))))
        .containsExactly(created);
    assertThat(list(ContainerFilter.newBuilder().putLabelSelector("app", "web")))
        .containsExactly(running);
    assertThat(
            list(
                ContainerFilter.newBuilder()
                    .setState(
                        ContainerStateValue.newBuilder()
                            .setState(ContainerState.CONTAINER_CREATED))))
        .containsExactly(created);
    assertThat(list(ContainerFilter.newBuilder().setPodSandboxId("f".repeat(64)))).isEmpty();
    assertThat(statusesOfPod()).containsExactly(created, running);
  }

  /** A kubelet takes the first of a name for its last attempt. */
  private List<String> statusesOfPod() {
    return node
        .service
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(node.pod).build())
        .getContainersStatusesList()
        .stream()
        .map(ContainerStatus::getId)
        .toList();
  }

  private Iterable<String> list(ContainerFilter.Builder filter) {
    return node
        .service
        .listContainers(ListContainersRequest.newBuilder().setFilter(filter).build())
        .getContainersList()
        .stream()
        .map(io.crij.cri.v1.Container::getId)
        .toList();
  }

  @Test
  void aContainerKilledForMemorySaysSo() throws Exception {
    String id =
        node.run(
            c -> c.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(16 << 20),
            "/bin/sh",
            "-c",
            "x=a; while true; do x=$x$x; done");

    ContainerStatus ended = node.awaitEnd(id);
    assertThat(ended.getReason()).isEqualTo("OOMKilled");
    assertThat(ended.getExitCode()).isEqualTo(137);
    assertThat(node.meters.get("crij.containers.oom").counter().count()).isEqualTo(1);
  }

  @Test
  void podsContainersAndTheirStagesAreMeasured() throws Exception {
    String running = node.run(node.container("/bin/sh", "-c", "echo twelve bytes; sleep 1000"));
    String created = node.create(node.container("sleep", "1000"));

    assertThat(containers("running")).isEqualTo(1);
    assertThat(containers("created")).isEqualTo(1);
    assertThat(node.meters.get("crij.pods").tag("state", "ready").gauge().value()).isEqualTo(1);
    node.awaitLog(running);
    await(
        "the bytes of the log",
        () ->
            node.meters.get("crij.container.log").functionCounter().count()
                == "twelve bytes\n".length());
    assertThat(node.meters.get("crij.container.log.dropped").functionCounter().count()).isZero();
    node.stop(running, 0);
    node.remove(created);
    assertThat(containers("running")).isZero();
    assertThat(containers("created")).isZero();
    assertThat(containers("exited")).isEqualTo(1);
    for (Stage stage : List.of(Stage.ROOT_FILE_SYSTEM, Stage.SPECIFICATION, Stage.OCI_RUNTIME)) {
      assertThat(node.meters.get("crij.stage").tag("stage", stage.label()).timer().count())
          .as(stage.label())
          .isEqualTo(2);
    }
    assertThat(node.meters.get("crij.stage").tag("stage", "start").timer().count()).isEqualTo(1);
    assertThat(
            node.meters
                .get("crij.stage")
                .tag("stage", Stage.OCI_RUNTIME.label())
                .timer()
                .totalTime(TimeUnit.MILLISECONDS))
        .isPositive();
  }

  private double containers(String state) {
    return node.meters.get("crij.containers").tag("state", state).gauge().value();
  }
}
