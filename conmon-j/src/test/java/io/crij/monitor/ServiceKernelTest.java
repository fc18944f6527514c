package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.Fd;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.Signals;
import io.crij.linux.systemd.TestSystemd;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.Exited;
import io.crij.monitor.v1.HelloReply;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.UpgradeRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The monitor as a service: what it says, and what it gets back when both keepers have died. */
@Tag("root")
@Timeout(240)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class ServiceKernelTest {
  private static final int SECONDS = 60;

  @TempDir Path folder;
  private TestNode node;
  private TestSystemd systemd;
  private TestClient client;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder);
    systemd = TestSystemd.at(folder.resolve("notify"));
    client = node.startService(systemd, 500);
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
    systemd.close();
  }

  private void restart(int signal) throws Exception {
    node.killService(signal);
    client.close();
    client = node.startService(systemd, 500);
    client.keep();
  }

  @Test
  void saysThatItIsReadyThatItLivesAndThatItStops() throws Exception {
    assertThat(systemd.await("READY=1", SECONDS)).contains("STATUS=watching 0 containers");
    assertThat(client.hello().getManaged()).isTrue();
    assertThat(folder.resolve("run/monitor/service")).exists();
    for (int i = 0; i < 5; i++) {
      assertThat(systemd.await("WATCHDOG=1", SECONDS)).isNotNull();
    }
    node.killService(Signals.SIGTERM);
    assertThat(systemd.await("STOPPING=1", SECONDS)).isNotNull();

    TestClient other = node.startMonitor();
    assertThat(other.hello().getManaged()).isFalse();
    assertThat(folder.resolve("run/monitor/service")).doesNotExist();
    other.close();
  }

  @Test
  void whatIsStartedKnowsNothingOfTheServiceManager() throws Exception {
    client.keep();
    String id = create("env; ls -l /proc/self/fd; exit 0", false);
    node.start(id);
    Exited exited = client.exited(id);
    assertThat(exited.getExitCode()).isZero();
    assertThat(node.stdout(id))
        .doesNotContain("NOTIFY_SOCKET")
        .doesNotContain("WATCHDOG")
        .doesNotContain("LISTEN_");
  }

  @Test
  void aContainerThatEndsWhileNobodyLivesIsKnownToItsLastLine() throws Exception {
    client.keep();
    String id =
        create("i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done; exit 9", false);
    TestClient.KeptContainer kept = client.kept(id);
    kept.descriptors().forEach(Fd::close);
    ContainerRecord record = kept.message().getRecord();
    assertThat(systemd.await("FDNAME=o" + id.substring(0, 16), SECONDS)).isNotNull();
    awaitStored(3);
    node.killService(Signals.SIGKILL);
    client.close();
    node.start(id);
    ProcessId init = new ProcessId(record.getPid(), record.getStartTimeTicks());
    await(() -> !init.isAlive());

    client = node.startService(systemd, 0);
    client.keep();
    Exited exited = client.exited(id);
    assertThat(exited.getReason()).as(node.monitorLog()).isEmpty();
    assertThat(exited.getExitCode()).isEqualTo(9);
    List<String> lines = node.stdout(id).lines().toList();
    assertThat(lines).hasSize(300).endsWith("line 299");
    assertThat(client.forget(id).hasForget()).isTrue();
    awaitStored(0);
  }

  @Test
  void aTerminalOutlivesBothKeepers() throws Exception {
    client.keep();
    String id =
        create("echo first; until [ -e /tmp/go ]; do sleep 0.1; done; echo last; exit 4", true);
    TestClient.KeptContainer kept = client.kept(id);
    kept.descriptors().forEach(Fd::close);
    ContainerRecord record = kept.message().getRecord();
    node.start(id);
    awaitStored(2);
    await(() -> node.stdout(id).contains("first"));
    restart(Signals.SIGKILL);
    // Not while one lives: what that one has read of a terminal and not yet logged dies with it.
    node.killService(Signals.SIGKILL);
    client.close();
    go(kept);
    ProcessId init = new ProcessId(record.getPid(), record.getStartTimeTicks());
    await(() -> !init.isAlive());
    client = node.startService(systemd, 500);
    client.keep();
    Exited exited = client.exited(id);
    assertThat(exited.getExitCode()).as(exited.toString()).isEqualTo(4);
    assertThat(node.stdout(id).replace("\r", "")).isEqualTo("first\nlast\n");
  }

  @Test
  void anUpgradeIsAReloadAndKeepsTheStore() throws Exception {
    client.keep();
    String id = create("until [ -e /tmp/go ]; do sleep 0.1; done; echo said; exit 3", true);
    node.start(id);
    awaitStored(2);
    List<String> before = systemd.stored();
    Reply reply =
        client.upgrade(UpgradeRequest.newBuilder().setProgram(node.program("conmon-j").toString()));
    HelloReply now = reply.getUpgrade().getNow();
    assertThat(now.getManaged()).as(reply.toString()).isTrue();
    assertThat(systemd.await("RELOADING=1", SECONDS)).isNotNull();
    assertThat(systemd.await("READY=1", SECONDS)).contains("MAINPID=" + now.getPid());
    assertThat(systemd.await("WATCHDOG=1", SECONDS)).isNotNull();
    await(() -> systemd.stored().equals(before));
    TestClient.KeptContainer kept = client.kept(id);
    kept.descriptors().forEach(Fd::close);
    restart(Signals.SIGKILL);
    go(kept);
    assertThat(client.exited(id).getExitCode()).isEqualTo(3);
    assertThat(node.stdout(id)).contains("said");
  }

  @Test
  void whatIsStoredOfNobodyIsDropped() throws Exception {
    client.keep();
    String id = create("exec sleep 1000", false);
    client.kept(id).descriptors().forEach(Fd::close);
    awaitStored(3);
    node.killService(Signals.SIGKILL);
    client.close();
    Files.delete(node.stateFile(id));
    client = node.startService(systemd, 0);
    awaitStored(0);
    assertThat(client.list().getContainersList()).isEmpty();
  }

  /** What its script waits for. */
  private static void go(TestClient.KeptContainer container) throws Exception {
    int pid = container.message().getRecord().getPid();
    Files.createFile(Path.of("/proc/" + pid + "/root/tmp/go"));
  }

  private void awaitStored(int count) throws Exception {
    await(() -> systemd.stored().size() == count);
  }

  private String create(String script, boolean tty) throws Exception {
    CreateRequest.Builder request = node.container("/bin/sh", "-c", script).setTty(tty);
    String id = request.getContainerId();
    if (tty) {
      node.writeConfig(id, TestNode.process(true, 0, "/bin/sh", "-c", script));
    }
    Reply reply = client.create(request.build());
    assertThat(reply.hasCreate()).as(reply.toString()).isTrue();
    return id;
  }
}
