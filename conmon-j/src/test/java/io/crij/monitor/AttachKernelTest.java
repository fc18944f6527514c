package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static io.crij.monitor.TestStreams.readAll;
import static io.crij.monitor.TestStreams.readUntil;
import static io.crij.monitor.TestStreams.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.Fd;
import io.crij.linux.process.Signals;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.AttachRequest;
import io.crij.monitor.v1.CloseStdinRequest;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.DetachReason;
import io.crij.monitor.v1.DetachRequest;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.Request;
import io.crij.monitor.v1.ResizeRequest;
import io.crij.monitor.v1.TerminalSize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Clients that see what containers write, and write what they read. */
@Tag("root")
@Timeout(180)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class AttachKernelTest {
  private static final int SECONDS = 60;
  private static final int READERS = 8;
  private static final int BURSTS = 20;
  private static final int BURST_LINES = 15_000;

  @TempDir Path folder;
  private TestNode node;
  private TestClient client;
  private String id;

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

  @Test
  void showsPromptsAtOnceAndOnce() throws Exception {
    create(node.shell("while read x; do printf \"got $x> \"; done; exit 4").setStdin(true));
    node.start(id);
    try (TestClient.Streams attached = client.attach(request().setStdin(true))) {
      Fd stdin = attached.fd(FdKind.FD_KIND_STDIN);
      Fd stdout = attached.fd(FdKind.FD_KIND_STDOUT);
      write(stdin, "a\n");
      assertThat(readUntil(stdout, "> ")).isEqualTo("got a> ");
      write(stdin, "b\n");
      assertThat(readUntil(stdout, "> ")).as("not the first again").isEqualTo("got b> ");
      await(() -> node.stdout(id).contains("got b> "));
      write(stdin, "c\n");
      assertThat(readUntil(stdout, "> ")).as("also after a part is logged").isEqualTo("got c> ");
      detach(attached);
    }
    assertThat(client.exitedWithin(id, 300)).as("stdin stays open without stdin_once").isNull();
    node.runc("kill", id, "KILL");
    client.exited(id);
    assertThat(node.stdout(id)).startsWith("got a> got b> got c> ");
  }

  @Test
  void manyClientsSeeAllAndOneThatDoesNotReadIsDropped() throws Exception {
    // In bursts, each once all have read the one before: who reads at all is not too slow.
    String bursts =
        "i=0; while [ $i -lt %d ]; do read x; seq $((i*%2$d+1)) $((i*%2$d+%2$d)); i=$((i+1)); done; "
            .formatted(BURSTS, BURST_LINES);
    create(node.shell(bursts + "echo end >&2; read x").setStdin(true));
    node.start(id);
    TestClient.Streams idle = client.attach(request());
    TestClient.Streams first = client.attach(request().setStdin(true));
    CyclicBarrier allHaveRead = new CyclicBarrier(READERS + 1, () -> enter(first));
    List<Future<String>> outputs = new ArrayList<>();
    try (ExecutorService readers = Executors.newFixedThreadPool(READERS + 1)) {
      outputs.add(readers.submit(() -> readBursts(first, allHaveRead)));
      for (int i = 0; i < READERS; i++) {
        TestClient.Streams one = client.attach(request());
        outputs.add(
            readers.submit(() -> {
              try (one) {
                String out = readBursts(one, allHaveRead);
                assertThat(readUntil(one.fd(FdKind.FD_KIND_STDERR), "end\n")).isEqualTo("end\n");
                detach(one);
                return out;
              }
            }));
      }
      assertThat(client.detached(idle.id()).getReason())
          .isEqualTo(DetachReason.DETACH_REASON_TOO_SLOW);
      String expected = TestNode.run("/usr/bin/seq", "1", "" + BURSTS * BURST_LINES).trim();
      for (Future<String> output : outputs) {
        assertThat(output.get().trim()).isEqualTo(expected);
      }
      String kept = readAll(idle.fd(FdKind.FD_KIND_STDOUT));
      assertThat(expected).as("what the slow one has is a beginning").startsWith(kept.trim());
      assertThat(kept.length()).isBetween(64 * 1024, 1 << 20);
    }
    write(first.fd(FdKind.FD_KIND_STDIN), "\n");
    client.exited(id);
    assertThat(client.detached(first.id()).getReason()).isEqualTo(DetachReason.DETACH_REASON_ENDED);
    assertThat(readAll(first.fd(FdKind.FD_KIND_STDOUT)).trim()).isEmpty();
    idle.close();
    first.close();
    assertThat(node.stdout(id).lines().count()).isEqualTo(BURSTS * BURST_LINES);
  }

  private static String readBursts(TestClient.Streams streams, CyclicBarrier allHaveRead)
      throws Exception {
    StringBuilder all = new StringBuilder();
    for (int burst = 1; burst <= BURSTS; burst++) {
      allHaveRead.await(SECONDS, TimeUnit.SECONDS);
      all.append(readUntil(streams.fd(FdKind.FD_KIND_STDOUT), burst * BURST_LINES + "\n"));
    }
    return all.toString();
  }

  private static void enter(TestClient.Streams streams) {
    try {
      write(streams.fd(FdKind.FD_KIND_STDIN), "\n");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void stdinOnceEndsWithItsFirstClient() throws Exception {
    create(node.shell("cat; echo over; exit 3").setStdin(true).setStdinOnce(true));
    TestClient.KeptContainer kept = client.kept(id);
    node.start(id);
    try (TestClient.Streams attached = client.attach(request().setStdin(true))) {
      write(attached.fd(FdKind.FD_KIND_STDIN), "one\n");
      readUntil(attached.fd(FdKind.FD_KIND_STDOUT), "one\n");
      attached.fd(FdKind.FD_KIND_STDIN).close();
      closeStdin();
      // As a keeper does when it is told.
      client.stdinClosed(id);
      kept.fd(FdKind.FD_KIND_STDIN).close();
      assertThat(readAll(attached.fd(FdKind.FD_KIND_STDOUT))).isEqualTo("over\n");
    }
    assertThat(client.exited(id).getExitCode()).isEqualTo(3);
    kept.descriptors().forEach(Fd::close);
  }

  @Test
  void stdinOnceEndsAlsoWithTheConnectionAndStaysEnded() throws Exception {
    create(node.shell("cat; sleep 1000").setStdin(true).setStdinOnce(true));
    TestClient.KeptContainer kept = client.kept(id);
    node.start(id);
    TestClient other = TestClient.connect(node.socket());
    other.attach(request().setStdin(true)).close();
    other.close();
    client.stdinClosed(id);
    try (TestClient.Streams again = client.attach(request().setStdin(true))) {
      assertThat(again.has(FdKind.FD_KIND_STDIN)).isFalse();
      assertThat(again.has(FdKind.FD_KIND_STDOUT)).isTrue();
      detach(again);
    }
    // A keeper that has not heard of it cannot bring it back.
    client = node.restartMonitor();
    client.adopt(kept);
    kept.descriptors().forEach(Fd::close);
    client.keep();
    TestClient.KeptContainer now = client.kept(id);
    assertThat(now.message().getFdsList()).doesNotContain(FdKind.FD_KIND_STDIN);
    now.descriptors().forEach(Fd::close);
    await(() -> TestNode.run("/bin/ps", "-e", "-o", "args").contains("sleep 1000"));
    node.runc("kill", id, "KILL");
    client.exited(id);
  }

  /** The client closed its end, and the monitor died before it was told. */
  @Test
  void stdinOnceEndsThoughTheMonitorIsKilledJustThen() throws Exception {
    create(node.shell("cat; echo over; exit 3").setStdin(true).setStdinOnce(true));
    TestClient.KeptContainer kept = client.kept(id);
    node.start(id);
    TestClient.Streams attached = client.attach(request().setStdin(true));
    write(attached.fd(FdKind.FD_KIND_STDIN), "one\n");
    readUntil(attached.fd(FdKind.FD_KIND_STDOUT), "one\n");
    node.killMonitor(Signals.SIGKILL);
    attached.close();
    client.close();
    client = node.startMonitor();
    client.adopt(kept);
    client.keep();
    TestClient.KeptContainer again = client.kept(id);
    kept.descriptors().forEach(Fd::close);
    again.fd(FdKind.FD_KIND_STDIN).close();
    // Nobody attaches again: the client has gone with the monitor.
    client.stdinClosed(id);
    assertThat(client.exited(id).getExitCode()).isEqualTo(3);
    again.descriptors().forEach(Fd::close);
    assertThat(node.stdout(id)).isEqualTo("one\nover\n");
  }

  @Test
  void attachesToATerminalAndResizesIt() throws Exception {
    CreateRequest.Builder config = node.shell("");
    node.writeConfig(
        config.getContainerId(),
        TestNode.process(
            true, 0, "/bin/sh", "-c", "read x; stty size; printf 'prompt> '; read x; exit 2"));
    create(config.setTty(true).setStdin(true).setStdinOnce(true));
    node.start(id);
    try (TestClient.Streams one = client.attach(request().setStdin(true));
        TestClient.Streams two = client.attach(request().setStdin(true).setStderr(true))) {
      assertThat(two.has(FdKind.FD_KIND_STDERR)).isFalse();
      assertThat(resize(31, 73).hasResize()).isTrue();
      write(one.fd(FdKind.FD_KIND_TTY), "\n");
      for (TestClient.Streams each : List.of(one, two)) {
        assertThat(readUntil(each.fd(FdKind.FD_KIND_STDOUT), "prompt> ")).contains("31 73");
      }
      detach(two);
      assertThat(client.exitedWithin(id, 200)).as("a terminal stays").isNull();
      write(one.fd(FdKind.FD_KIND_TTY), "\n");
      readAll(one.fd(FdKind.FD_KIND_STDOUT));
      assertThat(client.exited(id).getExitCode()).isEqualTo(2);
    }
    assertThat(resize(1, 1).getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_EXITED);
  }

  @Test
  void refusesWhatIsNotThere() throws Exception {
    id = TestNode.newId();
    assertThat(attachFailure()).isEqualTo(FailureCode.FAILURE_CODE_NOT_FOUND);
    create(node.shell("true"));
    assertThat(resize(20, 20).getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_INVALID);
    node.start(id);
    client.exited(id);
    assertThat(attachFailure()).isEqualTo(FailureCode.FAILURE_CODE_EXITED);
  }

  private FailureCode attachFailure() throws InterruptedException {
    return client.ask(Request.newBuilder().setAttach(request())).getFailure().getCode();
  }

  private ContainerRecord create(CreateRequest.Builder request) throws InterruptedException {
    id = request.getContainerId();
    Reply reply = client.create(request.build());
    assertThat(reply.hasCreate()).as(reply.toString()).isTrue();
    return reply.getCreate().getRecord();
  }

  private AttachRequest.Builder request() {
    return AttachRequest.newBuilder()
        .setAttachmentId(TestNode.newId())
        .setContainerId(id)
        .setStdout(true)
        .setStderr(true);
  }

  private Reply resize(int rows, int columns) throws InterruptedException {
    TerminalSize.Builder size = TerminalSize.newBuilder().setRows(rows).setColumns(columns);
    return client.ask(
        Request.newBuilder()
            .setResize(ResizeRequest.newBuilder().setContainerId(id).setSize(size)));
  }

  private void detach(TestClient.Streams attached) throws InterruptedException {
    DetachRequest.Builder detach = DetachRequest.newBuilder().setAttachmentId(attached.id());
    assertThat(client.ask(Request.newBuilder().setDetach(detach)).hasDetach()).isTrue();
  }

  private void closeStdin() throws InterruptedException {
    CloseStdinRequest.Builder close = CloseStdinRequest.newBuilder().setContainerId(id);
    assertThat(client.ask(Request.newBuilder().setCloseStdin(close)).hasCloseStdin()).isTrue();
  }
}
