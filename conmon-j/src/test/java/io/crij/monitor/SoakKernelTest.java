package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static io.crij.monitor.TestStreams.readUntil;
import static io.crij.monitor.TestStreams.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crij.linux.Fd;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.Soak;
import io.crij.monitor.v1.AttachRequest;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.DetachRequest;
import io.crij.monitor.v1.ExecRequest;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.Request;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The monitor is no bigger after thousands of calls. */
@Tag("root")
@Timeout(value = 3, unit = TimeUnit.HOURS)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class SoakKernelTest {
  private static final int AT_A_TIME = 8;

  @TempDir Path folder;
  private TestNode node;
  private TestClient client;
  private String id;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder);
    client = node.startMonitor();
    id = node.runContainer(node.shell("while :; do sleep 1; done"));
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  @Test
  void execSync() throws Exception {
    Soak.of(node.monitorPid()).inParallel(AT_A_TIME).run(10_000, this::echo);
  }

  @Test
  void clients() throws Exception {
    Soak.of(node.monitorPid())
        .run(
            10_000,
            _ -> {
              TestClient guest = TestClient.connect(node.socket());
              guest.keep();
              guest.kept(id).descriptors().forEach(Fd::close);
              guest.close();
            });
  }

  /** With and without a terminal; of every four, two clients disappear in the middle. */
  @Test
  void sessions() throws Exception {
    Soak.of(node.monitorPid()).inParallel(AT_A_TIME).run(10_000, this::session);
    await(() -> node.execCgroups(id).isEmpty());
  }

  private void session(int round) throws Exception {
    boolean tty = round % 2 == 1;
    boolean leaves = round % 4 >= 2;
    try (TestClient guest = TestClient.connect(node.socket());
        TestClient.Streams exec = guest.exec(cat(tty))) {
      Fd in = exec.fd(tty ? FdKind.FD_KIND_TTY : FdKind.FD_KIND_STDIN);
      Fd out = exec.fd(tty ? FdKind.FD_KIND_TTY : FdKind.FD_KIND_STDOUT);
      write(in, "round " + round + "\n");
      readUntil(out, "round " + round);
      if (leaves) {
        return;
      }
      if (tty) {
        write(in, "\u0004");
      } else {
        in.close();
      }
      assertThat(guest.ended(exec.id()).getExitCode()).isZero();
    }
  }

  private ExecRequest.Builder cat(boolean tty) {
    return ExecRequest.newBuilder()
        .setSessionId(TestNode.newId())
        .setContainerId(id)
        .setTty(tty)
        .setStdin(!tty)
        .setProcess(ByteString.copyFromUtf8(TestNode.process(tty, 0, "/bin/cat")));
  }

  /** With and without a terminal; every other client disappears instead of taking its leave. */
  @Test
  void attachments() throws Exception {
    String echoing = startCat(false);
    String terminal = startCat(true);
    Soak.of(node.monitorPid())
        .run(10_000, round -> attachment(round, round % 4 >= 2 ? terminal : echoing));
    for (String container : List.of(echoing, terminal)) {
      node.runc("kill", container, "KILL");
    }
  }

  private String startCat(boolean tty) throws Exception {
    CreateRequest.Builder request = node.container("/bin/cat").setTty(tty).setStdin(true);
    String container = request.getContainerId();
    node.writeConfig(container, TestNode.process(tty, 0, "/bin/cat"));
    return node.runContainer(request);
  }

  private void attachment(int round, String container) throws Exception {
    AttachRequest.Builder request =
        AttachRequest.newBuilder()
            .setAttachmentId(TestNode.newId())
            .setContainerId(container)
            .setStdin(true)
            .setStdout(true)
            .setStderr(true);
    try (TestClient guest = TestClient.connect(node.socket());
        TestClient.Streams attached = guest.attach(request)) {
      boolean tty = attached.has(FdKind.FD_KIND_TTY);
      write(attached.fd(tty ? FdKind.FD_KIND_TTY : FdKind.FD_KIND_STDIN), "round " + round + "\n");
      readUntil(attached.fd(FdKind.FD_KIND_STDOUT), "round " + round + (tty ? "\r\n" : "\n"));
      if (round % 2 == 0) {
        DetachRequest.Builder detach = DetachRequest.newBuilder().setAttachmentId(attached.id());
        assertThat(guest.ask(Request.newBuilder().setDetach(detach)).hasDetach()).isTrue();
      }
    }
  }

  private void echo(int round) throws InterruptedException {
    Reply reply =
        client.execSync(
            ExecSyncRequest.newBuilder()
                .setContainerId(id)
                .setProcess(
                    ByteString.copyFromUtf8(
                        TestNode.process(false, 0, "/bin/echo", Integer.toString(round)))));
    assertThat(reply.getExecSync().getStdout().toStringUtf8()).isEqualTo(round + "\n");
  }
}
