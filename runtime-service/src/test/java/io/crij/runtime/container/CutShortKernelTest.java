package io.crij.runtime.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.ContainerState;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The OCI runtime did its part of a verb, and its answer was lost. */
class CutShortKernelTest {
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

  @Test
  void aContainerThatWasStartedIsRunningAfterARestart() throws Exception {
    String id = node.create(node.container("sleep", "1000"));
    startBehindItsBack(id);

    node.restart();

    assertThat(node.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(node.status(id).getStartedAt()).isPositive();
    assertThat(node.exec(id, 10, "echo", "alive").getStdout().toStringUtf8()).isEqualTo("alive\n");
  }

  @Test
  void aRepeatedStartFindsItRunningAndLetsItLive() throws Exception {
    String id = node.create(node.container("sleep", "1000"));
    startBehindItsBack(id);

    node.start(id);

    assertThat(node.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(node.exec(id, 10, "echo", "alive").getStdout().toStringUtf8()).isEqualTo("alive\n");
  }

  private void startBehindItsBack(String id) throws Exception {
    Process runc =
        new ProcessBuilder(
                "/usr/sbin/runc",
                "--root",
                node.config.runroot().resolve("oci/runc").toString(),
                "start",
                id)
            .inheritIO()
            .start();
    assertThat(runc.waitFor()).isZero();
  }
}
