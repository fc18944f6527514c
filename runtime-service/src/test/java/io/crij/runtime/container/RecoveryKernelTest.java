package io.crij.runtime.container;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.cri.v1.ContainerState;
import io.crij.cri.v1.ContainerStatus;
import io.crij.cri.v1.ListPodSandboxRequest;
import io.crij.cri.v1.PodSandbox;
import io.crij.cri.v1.PodSandboxState;
import io.crij.cri.v1.RemovePodSandboxRequest;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.runtime.ServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the records say and what is true, after each kind of interruption. */
@ExtendWith(LeavesNoTrace.class)
class RecoveryKernelTest {
  @TempDir Path imageFolder;
  @TempDir Path folder;
  @RegisterExtension final OpenNodes nodes = new OpenNodes();
  private ContainerNode node;

  @BeforeEach
  void openNode() throws Exception {
    node = nodes.add(new ContainerNode(folder, BusyboxImage.create(imageFolder, "{}")));
  }

  /** Changes a container's record while the service is away. */
  private void tamper(String set, String id) throws Exception {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("root/crij.db"));
        PreparedStatement update =
            connection.prepareStatement("UPDATE containers SET " + set + " WHERE id = ?")) {
      update.setString(1, id);
      assertThat(update.executeUpdate()).isEqualTo(1);
    }
  }

  @Test
  void afterARestartOfTheNodeAllContainersHaveEnded() throws Exception {
    String id = node.create(node.container("sleep", "1000"));
    node.closeService();
    tamper("boot_id = 'another'", id);
    node.openService();

    ContainerStatus status = node.status(id);
    assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(status.getExitCode()).isEqualTo(255);
    assertThat(status.getReason()).isEqualTo("NodeRestarted");
    node.remove(id);
  }

  /** Fault F-27: what was started an hour ahead. */
  @Test
  void nothingEndsBeforeItBegan() throws Exception {
    String created = node.create(node.container("sleep", "1000"));
    String running = node.run(node.container("sleep", "1000"));
    node.closeService();
    tamper("created_at = created_at + 3600000000000", created);
    tamper("started_at = started_at + 3600000000000", running);
    node.openService();

    node.start(created);
    assertThat(node.status(created).getStartedAt())
        .isGreaterThanOrEqualTo(node.status(created).getCreatedAt());
    for (String id : List.of(created, running)) {
      node.stop(id, 0);
      assertThat(node.status(id).getFinishedAt())
          .isGreaterThanOrEqualTo(node.status(id).getStartedAt());
      assertThat(node.status(id).getExitCode()).isEqualTo(137);
      node.remove(id);
    }
  }

  /** Fault F-35. */
  @Test
  void twoHundredPodsAreThereAfterARestart() {
    List<String> pods = new ArrayList<>(List.of(node.pod));
    while (pods.size() < 200) {
      pods.add(node.runPod());
    }

    node.restart();

    assertThat(listed())
        .allMatch(pod -> pod.getState() == PodSandboxState.SANDBOX_READY)
        .extracting(PodSandbox::getId)
        .containsExactlyInAnyOrderElementsOf(pods);
    for (String pod : pods.subList(1, pods.size())) {
      node.service.removePodSandbox(
          RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
    }
    assertThat(listed()).hasSize(1);
  }

  private List<PodSandbox> listed() {
    return node.service.listPodSandbox(ListPodSandboxRequest.getDefaultInstance()).getItemsList();
  }

  @Test
  void oneBadRecordIsSetAside() throws Exception {
    String good = node.run(node.container("sleep", "1000"));
    String bad = node.create(node.container("sleep", "1000"));
    node.closeService();
    tamper("config = x'ffff'", bad);
    node.openService();

    assertThat(node.status(good).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThatThrownBy(() -> node.status(bad)).isInstanceOf(ServiceException.NotFound.class);
    node.closeService();
    tamper("config = (SELECT config FROM containers WHERE id <> '" + bad + "')", bad);
    node.openService();
    node.remove(bad);
  }

  @Test
  void aCreationThatWasCutShortIsTakenBack() throws Exception {
    String id = node.create(node.container("sleep", "1000"));
    node.closeService();
    tamper("created_at = 0", id);
    node.openService();

    Path bundle = node.config.runroot().resolve("containers").resolve(id);
    await("the bundle's end", () -> !Files.exists(bundle));
    assertThatThrownBy(() -> node.status(id)).isInstanceOf(ServiceException.NotFound.class);
  }

  @Test
  void aProcessThatNobodyKnowsButTheRecordsIsLeftAlone() throws Exception {
    String id = node.run(node.container("sleep", "1000"));
    // The monitor's memory of it is lost: state file and process.
    Path state = node.config.runroot().resolve("monitor/state");
    node.closeServiceAndKillMonitor();
    assertThat(state.resolve(id).toFile().delete()).isTrue();
    node.openService();

    assertThat(node.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    node.stop(id, 0);
    assertThat(node.status(id).getReason()).isEqualTo("MonitorLost");
    node.remove(id);
  }
}
