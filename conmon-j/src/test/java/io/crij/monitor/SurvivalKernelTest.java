package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static io.crij.monitor.ContainerKernelTest.assertNumbered;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.Fd;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.Signals;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.Exited;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Kills the monitor while its containers run. */
@Tag("root")
@Timeout(240)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class SurvivalKernelTest {
  private static final String PADDING = "x".repeat(80);
  private static final int LARGEST_PIPE_BYTES = 1 << 20;
  private static final int KILLS = 6;

  @TempDir Path folder;
  private TestNode node;
  private TestClient client;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder);
    client = node.startMonitor();
    client.keep();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  /** With nobody who keeps descriptors: the pipe is found through the container's own end. */
  @Test
  void withoutAKeeperNoLineOfARunningContainerIsLost() throws Exception {
    // How it ends is lost with the one who waits for it, so it does not end before.
    String id = startLogger(2_000_000, "until [ -e /tmp/go ]; do sleep 0.1; done; exit 6");
    node.start(id);
    Random random = new Random();
    for (int i = 0; i < KILLS; i++) {
      Thread.sleep(random.nextInt(300));
      restart();
      client.keep();
    }
    int pid = client.list().getContainers(0).getRecord().getPid();
    Files.createFile(Path.of("/proc/" + pid + "/root/tmp/go"));
    Exited exited = client.exited(id);
    assertThat(exited.getExitCode()).as(exited.toString()).isEqualTo(6);
    assertThat(exited.getReason()).isEmpty();
    assertLogged(id, 2_000_000, KILLS);
  }

  @Test
  void withAKeeperNothingIsLostOfAContainerThatEndsMeanwhile() throws Exception {
    String id = startLogger(300, "exit 9");
    TestClient.KeptContainer kept = client.kept(id);
    node.killMonitor(Signals.SIGKILL);
    client.close();
    node.start(id);
    ContainerRecord record = kept.message().getRecord();
    ProcessId init = new ProcessId(record.getPid(), record.getStartTimeTicks());
    await(() -> !init.isAlive());

    client = node.startMonitor();
    client.keep();
    assertThat(client.adopt(kept).hasAdopt()).isTrue();
    kept.descriptors().forEach(Fd::close);
    Exited exited = client.exited(id);
    assertThat(exited.getExitCode()).as(exited.toString()).isEqualTo(9);
    assertThat(exited.getReason()).isEmpty();
    assertLogged(id, 300, 1);
  }

  @Test
  void withAKeeperNoLineIsLostAtFullSpeed() throws Exception {
    String id = startLogger(2_000_000, "exit 4");
    TestClient.KeptContainer kept = client.kept(id);
    node.start(id);
    Random random = new Random();
    for (int i = 0; i < KILLS; i++) {
      Thread.sleep(random.nextInt(300));
      restart();
      assertThat(client.adopt(kept).hasAdopt()).isTrue();
      client.keep();
    }
    kept.descriptors().forEach(Fd::close);
    assertThat(client.exited(id).getExitCode()).isEqualTo(4);
    assertLogged(id, 2_000_000, KILLS);
  }

  @Test
  void aContainerThatEndedWithNobodyWatchingIsSaidToBeLost() throws Exception {
    CreateRequest request = node.shell("exec sleep 1000").build();
    String id = request.getContainerId();
    int pid = client.create(request).getCreate().getRecord().getPid();
    node.start(id);
    TestClient.KeptContainer kept = client.kept(id);
    kept.descriptors().forEach(Fd::close);
    node.killMonitor(Signals.SIGKILL);
    client.close();
    node.runc("kill", id, "KILL");
    await(() -> !Files.exists(Path.of("/proc/" + pid)));

    client = node.startMonitor();
    client.keep();
    assertThat(client.exitedWithin(id, 1000)).as("another keeper may come").isNull();
    Exited exited = client.exited(id);
    assertThat(exited.getExitCode()).isEqualTo(255);
    assertThat(exited.getReason()).isEqualTo("MonitorLost");
  }

  @Test
  void whatEndedBeforeIsStillTold() throws Exception {
    CreateRequest request = node.shell("exit 3").build();
    String id = request.getContainerId();
    client.create(request);
    node.start(id);
    Exited exited = client.exited(id);
    restart();
    assertThat(client.list().getContainers(0).getExited()).isEqualTo(exited);
    client.keep();
    assertThat(client.exited(id)).isEqualTo(exited);
    assertThat(client.forget(id).hasForget()).isTrue();
  }

  @Test
  void aTerminalLivesOnWithItsKeeper() throws Exception {
    CreateRequest.Builder request = node.container("/bin/sh").setTty(true);
    String id = request.getContainerId();
    String script =
        "i=0; while [ $i -lt 30 ]; do echo line $i; i=$((i+1)); sleep 0.1; done; exit 2";
    node.writeConfig(id, TestNode.process(true, 0, "/bin/sh", "-c", script));
    client.create(request.build());
    node.start(id);
    TestClient.KeptContainer kept = client.kept(id);
    await(() -> Files.size(node.logFile(id)) > 0);
    restart();
    client.keep();
    assertThat(client.adopt(kept).hasAdopt()).isTrue();
    kept.descriptors().forEach(Fd::close);
    assertThat(client.exited(id).getExitCode()).isEqualTo(2);
    assertNumbered(node.stdout(id).replace("\r", ""), 30);
  }

  /** A container that writes numbered lines as fast as it can once it is started. */
  private String startLogger(int lines, String end) throws Exception {
    String program =
        "BEGIN { for (i = 0; i < " + lines + "; i++) print \"line \" i \" " + PADDING + "\" }";
    CreateRequest request = node.shell("awk '" + program + "'; " + end).build();
    assertThat(client.create(request).hasCreate()).isTrue();
    return request.getContainerId();
  }

  private void restart() throws Exception {
    client = node.restartMonitor();
  }

  /**
   * All lines are there in order; a chunk may come twice, whole and at once after itself, at most
   * one for each kill.
   */
  private void assertLogged(String id, int count, int kills) throws Exception {
    List<String> lines = node.stdout(id).lines().toList();
    int next = 0;
    int again = 0;
    int doubled = 0;
    for (String line : lines) {
      int number = Integer.parseInt(line.substring("line ".length(), line.indexOf(' ', 5)));
      assertThat(line).isEqualTo("line " + number + " " + PADDING);
      if (again == next && number < next) {
        doubled++;
        assertThat((next - number) * line.length()).as("twice").isLessThan(LARGEST_PIPE_BYTES);
        again = number;
      }
      assertThat(number).isEqualTo(again);
      again++;
      next = Math.max(next, again);
    }
    assertThat(again).as("the doubled chunk is whole").isEqualTo(next);
    assertThat(next).isEqualTo(count);
    assertThat(doubled).as("doubled chunks").isLessThanOrEqualTo(kills);
  }
}
