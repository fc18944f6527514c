package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.ExecRequest;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.OciRuntime;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.Request;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is cut short, by a time limit or by the monitor's own end, leaves nothing. */
@Tag("root")
@Timeout(180)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class LeftoversKernelTest {
  /** Leaves its parents, and its session, at once. */
  private static final String ESCAPE = "(setsid sh -c 'sleep %1$s & exec sleep %1$s' &); ";

  @TempDir Path folder;
  private TestNode node;
  private TestClient client;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder);
    client = node.startMonitor();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  @Test
  void aTimeLimitKillsWhatHasLeftParentsAndSession() throws Exception {
    String id = running();
    ExecSyncRequest.Builder exec =
        execSync(id, ESCAPE.formatted("4721") + "sleep 4721").setTimeoutMillis(1000);
    Reply reply = client.execSync(exec);
    assertThat(reply.getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_TIMED_OUT);
    assertThat(sleeping("4721")).as("gone when the reply comes").isZero();
    await(() -> node.execCgroups(id).isEmpty());
    assertThat(client.list().getContainers(0).hasExited()).isFalse();
  }

  @Test
  void aRuntimeThatDoesNotEndIsKilledWithAllItHasStarted() throws Exception {
    CreateRequest request =
        slowRuntime(node.shell("exec sleep 4722")).setTimeoutMillis(1500).build();
    Reply reply = client.create(request);
    assertThat(reply.getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_TIMED_OUT);
    assertNothingOf(request);
  }

  @Test
  void whatWasBeingCreatedWhenTheMonitorDiedIsRemoved() throws Exception {
    CreateRequest.Builder wanted = node.shell("exec sleep 4723");
    OciRuntime runtime = wanted.getRuntime();
    CreateRequest request = slowRuntime(wanted).build();
    client.send(Request.newBuilder().setCreate(request));
    await(() -> Files.exists(node.bundle(request.getContainerId()).resolve("pidfile")));
    restart();
    // It waits for that.
    assertThat(client.forget(request.getContainerId()).hasForget()).isTrue();
    assertNothingOf(request);
    assertThat(folder.resolve("run/monitor/creating")).isEmptyDirectory();

    Reply again = client.create(request.toBuilder().setRuntime(runtime).build());
    assertThat(again.hasCreate()).as(again.toString()).isTrue();
  }

  @Test
  void callsOfExecUnderWayAreKilledWhenTheMonitorDied() throws Exception {
    String id = running();
    client.send(
        Request.newBuilder()
            .setExecSync(execSync(id, ESCAPE.formatted("4724") + "exec sleep 4724")));
    await(() -> sleeping("4724") == 3);
    restart();
    await(() -> sleeping("4724") == 0);
    await(() -> node.execCgroups(id).isEmpty());
    await(() -> isEmpty(folder.resolve("run/monitor/exec")));
    assertThat(client.list().getContainers(0).hasExited()).isFalse();
  }

  @Test
  void aSessionBeingStartedIsRemovedWhenTheMonitorDied() throws Exception {
    CreateRequest request = slowRuntime(node.shell("while :; do sleep 1; done"), "exec").build();
    String id = request.getContainerId();
    assertThat(client.create(request).hasCreate()).isTrue();
    node.start(id);
    String process = TestNode.process(false, 0, "/bin/sleep", "4725");
    client.send(
        Request.newBuilder()
            .setExec(
                ExecRequest.newBuilder()
                    .setSessionId(TestNode.newId())
                    .setContainerId(id)
                    .setProcess(ByteString.copyFromUtf8(process))));
    await(() -> sleeping("4725") == 1);
    restart();
    await(() -> sleeping("4725") == 0);
    await(() -> node.execCgroups(id).isEmpty());
    await(() -> isEmpty(folder.resolve("run/monitor/exec")));
    await(() -> running("sleep 4999").isEmpty());
  }

  private void restart() throws Exception {
    client = node.restartMonitor();
  }

  private String running() throws Exception {
    return node.runContainer(node.shell("while :; do sleep 1; done"));
  }

  private static ExecSyncRequest.Builder execSync(String id, String script) {
    return ExecSyncRequest.newBuilder()
        .setContainerId(id)
        .setProcess(ByteString.copyFromUtf8(TestNode.process(false, 0, "/bin/sh", "-c", script)));
  }

  private CreateRequest.Builder slowRuntime(CreateRequest.Builder request) throws Exception {
    return slowRuntime(request, "create");
  }

  /** A runtime that does what it is asked for, and then does not end. */
  private CreateRequest.Builder slowRuntime(CreateRequest.Builder request, String verb)
      throws Exception {
    Path script = folder.resolve("slow-runtime");
    Files.writeString(
        script,
        """
        #!/bin/sh
        %s "$@" || exit
        case " $* " in *" %s "*) sleep 4999;; esac
        """
            .formatted(request.getRuntime().getPath(), verb));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    request.getRuntimeBuilder().setPath(script.toString());
    return request;
  }

  private void assertNothingOf(CreateRequest request) throws Exception {
    String id = request.getContainerId();
    assertThat(running("sleep 4999")).isEmpty();
    assertThat(Path.of("/sys/fs/cgroup/memory", request.getCgroupPath())).doesNotExist();
    assertThat(Path.of("/sys/fs/cgroup/unified", request.getCgroupPath())).doesNotExist();
    assertThat(node.stateFile(id)).doesNotExist();
    assertThat(folder.resolve("run/oci/" + id)).doesNotExist();
    assertThat(client.list().getContainersList()).isEmpty();
  }

  private static boolean isEmpty(Path folder) throws Exception {
    try (var files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  private static int sleeping(String seconds) throws Exception {
    return running("sleep " + seconds).size();
  }

  private static List<String> running(String arguments) throws Exception {
    return TestNode.run("/bin/ps", "-e", "-o", "args")
        .lines()
        .filter(l -> l.trim().equals(arguments) || l.trim().equals("/bin/" + arguments))
        .toList();
  }
}
