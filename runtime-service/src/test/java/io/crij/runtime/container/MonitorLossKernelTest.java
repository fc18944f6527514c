package io.crij.runtime.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.ContainerState;
import io.crij.cri.v1.ContainerStatus;
import io.crij.linux.testing.LeavesNoTrace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeavesNoTrace.class)
class MonitorLossKernelTest {
  private static final String COUNT =
      "i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); usleep 10000; done; exit 9";

  @TempDir Path imageFolder;
  @TempDir Path folder;
  private ContainerNode node;

  @BeforeEach
  void openNode() throws Exception {
    node = new ContainerNode(folder, BusyboxImage.create(imageFolder, "{}"));
  }

  @AfterEach
  void closeNode() throws Exception {
    node.close();
  }

  private void assertWhole(String id) throws Exception {
    ContainerStatus ended = node.awaitEnd(id);
    assertThat(ended.getExitCode()).isEqualTo(9);
    assertThat(ended.getReason()).isEqualTo("Error");
    List<String> expected = IntStream.range(0, 300).mapToObj(i -> "line " + i).toList();
    assertThat(node.log(id)).isEqualTo(expected);
  }

  @Test
  void aKilledMonitorIsReplacedAndNothingIsLost() throws Exception {
    String id = node.run(node.container("/bin/sh", "-c", COUNT));
    int before = node.service.monitor().pid();
    node.awaitLog(id);

    node.killMonitor();
    long start = System.nanoTime();
    while (node.service.monitor().pid() == before) {
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
      Thread.sleep(20);
    }
    // The successor serves the container as its predecessor did.
    assertThat(node.exec(id, 20, "echo", "still here").getStdout().toStringUtf8())
        .isEqualTo("still here\n");

    assertWhole(id);
  }

  @Test
  void aRestartOfTheServiceLosesNothing() throws Exception {
    String id = node.run(node.container("/bin/sh", "-c", COUNT));
    String created = node.create(node.container("sleep", "1000"));
    node.awaitLog(id);

    node.restart();

    assertThat(node.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(node.status(created).getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
    node.start(created);
    assertWhole(id);
  }

  @Test
  void anExitWhileTheServiceIsAwayIsKnownAfterwards() throws Exception {
    String id = node.run(node.container("/bin/sh", "-c", "usleep 700000; echo late; exit 4"));
    node.closeService();
    node.awaitExitFile(id);
    node.openService();

    assertThat(node.status(id).getExitCode()).isEqualTo(4);
    assertThat(node.status(id).getReason()).isEqualTo("Error");
    assertThat(node.log(id)).containsExactly("late");
  }

  @Test
  void bothMayBeKilledAndContainersLiveOn() throws Exception {
    String id = node.run(node.container("/bin/sh", "-c", COUNT));
    int monitor = node.service.monitor().pid();
    node.closeService();
    ProcessHandle.of(monitor).orElseThrow().destroyForcibly();
    Thread.sleep(500);
    node.openService();

    assertThat(node.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    ContainerStatus ended = node.awaitEnd(id);
    assertThat(ended.getExitCode()).isEqualTo(9);
    assertThat(node.log(id)).hasSize(300);
  }
}
