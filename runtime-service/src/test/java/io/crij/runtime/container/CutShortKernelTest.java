package io.crij.runtime.container;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.cri.v1.ContainerState;
import io.crij.image.service.ImageService;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.records.Database;
import io.crij.runtime.service.RuntimeService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The OCI runtime did its part of a verb, and its answer was lost. */
@ExtendWith(LeavesNoTrace.class)
class CutShortKernelTest {
  @TempDir Path imageFolder;
  @TempDir Path folder;
  @RegisterExtension final OpenNodes nodes = new OpenNodes();
  private ContainerNode node;

  @BeforeEach
  void openNode() throws Exception {
    node = nodes.add(new ContainerNode(folder, BusyboxImage.create(imageFolder, "{}")));
  }

  @Test
  void aContainerThatWasStartedIsRunningAfterARestart() throws Exception {
    String id = node.create(node.container("sleep", "1000"));
    startBehindItsBack(id);

    node.restart();

    assertThat(node.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(node.status(id).getStartedAt()).isPositive();
    assertThat(node.exec(id, 60, "echo", "alive").getStdout().toStringUtf8()).isEqualTo("alive\n");
  }

  @Test
  void aRepeatedStartFindsItRunningAndLetsItLive() throws Exception {
    String id = node.create(node.container("sleep", "1000"));
    startBehindItsBack(id);

    node.start(id);

    assertThat(node.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(node.exec(id, 60, "echo", "alive").getStdout().toStringUtf8()).isEqualTo("alive\n");
  }

  @Test
  void aCreationIsTakenBackAlthoughItsProcessLives() throws Exception {
    String id = node.create(node.container("sleep", "1000"));
    int pid = Integer.parseInt(Files.readString(bundle(id).resolve("pidfile")));
    node.closeService();
    loseTheEndOfTheCreation(id);

    node.openService();

    await("the bundle's end", () -> !Files.exists(bundle(id)));
    assertThat(Path.of("/proc/" + pid)).doesNotExist();
    assertThat(node.config.runroot().resolve("oci/runc/" + id)).doesNotExist();
    assertThat(node.config.runroot().resolve("monitor/state/" + id)).doesNotExist();
  }

  private Path bundle(String id) {
    return node.config.runroot().resolve("containers").resolve(id);
  }

  private void loseTheEndOfTheCreation(String id) {
    try (Database database =
        Database.open(
            node.config.root().resolve("crij.db"),
            List.of(ImageService.SCHEMA, RuntimeService.SCHEMA))) {
      database.write(connection -> {
        try (PreparedStatement update =
            connection.prepareStatement(
                "UPDATE containers SET created_at = 0, pid = 0, start_time_ticks = 0 WHERE id = ?")) {
          update.setString(1, id);
          return update.executeUpdate();
        }
      });
    }
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
