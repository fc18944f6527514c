package io.crij.runtime.container;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.ContainerConfig;
import io.crij.cri.v1.Mount;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.ServiceException;
import io.crij.runtime.cgroup.ControlGroups;
import io.crij.runtime.oci.mounts.DeadFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers that do not want to end, and what is missing when they are to be ended. */
@ExtendWith(LeavesNoTrace.class)
class ContainerFaultsKernelTest {
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

  private Set<Integer> processes(String id) {
    return ControlGroups.ofNode().processes(node.cgroup + "/" + id);
  }

  private String deaf() throws Exception {
    String id =
        node.run(
            node.container(
                "/bin/sh",
                "-c",
                "trap 'echo asked' TERM; echo ready; while true; do usleep 10000; done"));
    node.awaitLog(id);
    return id;
  }

  /** Fault F-26. */
  @Test
  void stopsAtTheSameTimeAreOneAndACallerWhoLeavesSpoilsNothing() throws Exception {
    String id = deaf();
    Thread impatient = Thread.ofVirtual().start(() -> node.stop(id, 600));
    await(() -> node.log(id).contains("asked"));
    impatient.interrupt();
    impatient.join();
    assertThat(node.status(id).getFinishedAt()).isZero();

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> stops = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int seconds = i == 5 ? 1 : 600;
        stops.add(threads.submit(() -> node.stop(id, seconds)));
      }
      for (Future<?> stop : stops) {
        stop.get();
      }
    }

    assertThat(node.status(id).getExitCode()).isEqualTo(137);
    assertThat(node.log(id)).as("one stop, one signal").containsExactly("ready", "asked");
    node.stop(id, 600);
    node.remove(id);
  }

  /** Fault F-25. */
  @Test
  void aContainerThatStandsStillEnds() throws Exception {
    String id = deaf();
    await(() -> {
      for (int pid : processes(id)) {
        new ProcessBuilder("kill", "-STOP", Integer.toString(pid)).start().waitFor();
      }
      return processes(id).stream().allMatch(ContainerFaultsKernelTest::standsStill);
    });

    node.stop(id, 1);

    assertThat(node.status(id).getExitCode()).isEqualTo(137);
  }

  private static boolean standsStill(int pid) {
    try {
      return Files.readString(Path.of("/proc", Integer.toString(pid), "stat")).contains(") T ");
    } catch (IOException _) {
      return false; // It has ended, and its parent may have begun another.
    }
  }

  /** Fault F-24. */
  @Test
  void whatAContainerHasMultipliedIntoEnds() throws Exception {
    String id =
        node.run(
            node.container(
                "/bin/sh",
                "-c",
                "trap '' TERM; i=0; while [ $i -lt 150 ]; do sleep 1000 & i=$((i+1)); done;"
                    + " echo ready; wait"));
    node.awaitLog(id);
    assertThat(processes(id)).hasSizeGreaterThan(150);

    node.stop(id, 1);

    assertThat(processes(id)).isEmpty();
    assertThat(node.status(id).getExitCode()).isEqualTo(137);
  }

  /** Fault F-29: what of it is gone or damaged when it is to be stopped and removed. */
  @ParameterizedTest
  @ValueSource(strings = {"run/oci/runc/%s/state.json", "run/containers/%s/config.json"})
  void whatIsLostDoesNotKeepAContainer(String file) throws Exception {
    for (boolean removed : new boolean[] {true, false}) {
      String id = node.run(node.container("sleep", "1000"));
      Path lost = folder.resolve(file.formatted(id));
      if (removed) {
        Files.delete(lost);
      } else {
        Files.writeString(lost, "{");
      }
      node.restart();

      node.stop(id, 1);
      node.remove(id);

      assertThat(processes(id)).isEmpty();
      assertThat(folder.resolve("run/oci/runc").resolve(id)).doesNotExist();
    }
  }

  /** Fault F-11. */
  @Test
  void aFileSystemThatDoesNotAnswerKeepsOnlyWhoWantsIt() throws Exception {
    Path dead = Files.createDirectory(folder.resolve("dead"));
    ContainerConfig.Builder wanted = wanting(dead.resolve("again"));
    List<Future<String>> waiting = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      try (DeadFileSystem _ = DeadFileSystem.mount(dead)) {
        waiting.add(threads.submit(() -> node.create(wanted)));
        // More than there are processors for virtual threads.
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
          ContainerConfig.Builder more = wanting(dead.resolve("more" + i));
          waiting.add(threads.submit(() -> node.create(more)));
        }
        String id =
            threads
                .submit(() -> node.run(node.container("sleep", "1000")))
                .get(50, TimeUnit.SECONDS);
        node.stop(id, 0);
        node.remove(id);
        assertThat(waiting).noneMatch(Future::isDone);
      }
      for (Future<String> one : waiting) {
        assertThatThrownBy(one::get)
            .hasCauseInstanceOf(ServiceException.InvalidArgument.class)
            .hasMessageContaining(dead.toString());
      }
    }
    node.remove(node.create(wanted)); // its name is free again
  }

  private ContainerConfig.Builder wanting(Path path) {
    return node.container("sleep", "1000")
        .addMounts(Mount.newBuilder().setHostPath(path.toString()).setContainerPath("/data"));
  }

  /** Fault F-29. */
  @Test
  void aContainerWhoseCgroupIsGoneIsRemoved() throws Exception {
    String id = node.run(node.container("sleep", "1000"));
    ControlGroups cgroups = ControlGroups.ofNode();
    for (int pid : processes(id)) {
      cgroups.add(node.cgroup + "/elsewhere", pid);
    }
    await(() -> processes(id).isEmpty());
    assertThat(cgroups.remove(node.cgroup + "/" + id, Duration.ofSeconds(30))).isTrue();

    node.stop(id, 1);
    node.remove(id);
    assertThat(cgroups.remove(node.cgroup + "/elsewhere", Duration.ofSeconds(30))).isTrue();
  }
}
