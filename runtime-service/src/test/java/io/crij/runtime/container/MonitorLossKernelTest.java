package io.crij.runtime.container;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.ContainerState;
import io.crij.cri.v1.ContainerStatus;
import io.crij.linux.testing.LeavesNoTrace;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeavesNoTrace.class)
class MonitorLossKernelTest {
  private static final String COUNT =
      "i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); usleep 10000; done; "
          + "until [ -e /tmp/go ]; do usleep 10000; done; exit 9";

  @TempDir Path imageFolder;
  @TempDir Path folder;
  @RegisterExtension final OpenNodes nodes = new OpenNodes();
  private ContainerNode node;

  @BeforeEach
  void openNode() throws Exception {
    node = nodes.add(new ContainerNode(folder, BusyboxImage.create(imageFolder, "{}")));
  }

  /** Lets it end, and sees that nothing is missing of it. */
  private void assertWhole(String id) throws Exception {
    node.exec(id, 60, "touch", "/tmp/go");
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
    await("another monitor", () -> node.service.monitor().pid() != before);
    // The successor serves the container as its predecessor did.
    assertThat(node.exec(id, 60, "echo", "still here").getStdout().toStringUtf8())
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
    node.closeServiceAndKillMonitor();
    node.openService();

    assertThat(node.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertWhole(id);
  }
}
