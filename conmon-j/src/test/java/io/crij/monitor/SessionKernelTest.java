package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static io.crij.monitor.TestStreams.readAll;
import static io.crij.monitor.TestStreams.readUntil;
import static io.crij.monitor.TestStreams.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crij.linux.Fd;
import io.crij.linux.process.Signals;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.EndSessionRequest;
import io.crij.monitor.v1.ExecRequest;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.Request;
import io.crij.monitor.v1.ResizeRequest;
import io.crij.monitor.v1.ResumeSessionRequest;
import io.crij.monitor.v1.SessionEnded;
import io.crij.monitor.v1.TerminalSize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Processes executed with streams that the client moves. */
@Tag("root")
@Timeout(180)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class SessionKernelTest {
  @TempDir Path folder;
  private TestNode node;
  private TestClient client;
  private String id;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder);
    client = node.startMonitor();
    client.keep();
    id = node.runContainer(node.shell("while :; do sleep 1; done"));
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  @Test
  void givesTheClientTheStreamsAndTellsTheExitCode() throws Exception {
    try (TestClient.Streams exec = client.exec(shell("cat; echo err >&2; exit 7").setStdin(true))) {
      write(exec.fd(FdKind.FD_KIND_STDIN), "in\n");
      assertThat(readUntil(exec.fd(FdKind.FD_KIND_STDOUT), "in\n")).isEqualTo("in\n");
      assertThat(client.endedWithin(exec.id(), 200)).as("it waits for its input").isNull();
      exec.fd(FdKind.FD_KIND_STDIN).close();
      assertThat(readAll(exec.fd(FdKind.FD_KIND_STDOUT))).isEmpty();
      assertThat(readAll(exec.fd(FdKind.FD_KIND_STDERR))).isEqualTo("err\n");
      SessionEnded end = client.ended(exec.id());
      assertThat(end.getExitCode()).isEqualTo(7);
      assertThat(end.getSignal()).isZero();
      assertThat(end.getReason()).isEmpty();
    }
    try (TestClient.Streams killed = client.exec(shell("kill -9 $$"))) {
      SessionEnded end = client.ended(killed.id());
      assertThat(end.getExitCode()).isEqualTo(137);
      assertThat(end.getSignal()).isEqualTo(9);
    }
    assertNothingLeft();
  }

  @Test
  void saysInTheRuntimesWordsThatACommandIsMissing() throws Exception {
    for (boolean tty : List.of(false, true)) {
      ExecRequest.Builder request = request(tty, "no-such-command");
      Reply reply = client.ask(Request.newBuilder().setExec(request));
      assertThat(reply.getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_RUNTIME);
      assertThat(reply.getFailure().getRuntimeMessage()).contains("executable file not found");
    }
    Reply invalid =
        client.ask(Request.newBuilder().setExec(shell("true").setSessionId("../../etc")));
    assertThat(invalid.getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_INVALID);
    assertNothingLeft();
  }

  @Test
  void aTerminalHasItsSizeFromTheBeginningAndIsResized() throws Exception {
    ExecRequest.Builder request =
        request(true, "/bin/sh", "-c", "tty; stty size; read x; stty size; exit 3")
            .setSize(size(33, 77));
    try (TestClient.Streams exec = client.exec(request)) {
      Fd terminal = exec.fd(FdKind.FD_KIND_TTY);
      assertThat(readUntil(terminal, "77")).contains("/dev/pts/").contains("33 77");
      assertThat(resize(exec.id(), 44, 88).hasResize()).isTrue();
      write(terminal, "\n");
      assertThat(readAll(terminal)).contains("44 88");
      assertThat(client.ended(exec.id()).getExitCode()).isEqualTo(3);
    }
    assertThat(resize(TestNode.newId(), 1, 1).getFailure().getCode())
        .isEqualTo(FailureCode.FAILURE_CODE_NOT_FOUND);
    assertNothingLeft();
  }

  @Test
  void refusesASizeThatCannotBe() throws Exception {
    try (TestClient.Streams exec = client.exec(request(true, "/bin/cat"))) {
      for (int bad : List.of(65536, -1)) {
        assertThat(resize(exec.id(), bad, 80).getFailure().getCode())
            .isEqualTo(FailureCode.FAILURE_CODE_INVALID);
      }
      end(exec.id(), true);
      assertThat(client.ended(exec.id()).getSignal()).isEqualTo(Signals.SIGKILL);
    }
    assertNothingLeft();
  }

  @Test
  void passesOnMuchOutputWholeAndInOrder() throws Exception {
    String script = "seq 1 20000000";
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    long[] bytes = new long[1];
    long begin = System.nanoTime();
    try (TestClient.Streams exec = client.exec(shell(script))) {
      TestStreams.forEach(
          exec.fd(FdKind.FD_KIND_STDOUT),
          (piece, offset, length) -> {
            digest.update(piece, offset, length);
            bytes[0] += length;
          });
      assertThat(client.ended(exec.id()).getExitCode()).isZero();
    }
    System.out.printf(
        "exec stdout: %d MB in %d ms%n",
        bytes[0] / 1_000_000, (System.nanoTime() - begin) / 1_000_000);
    String expected = TestNode.run("/bin/sh", "-c", script + " | sha256sum | cut -c1-64").trim();
    assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(expected);
  }

  @Test
  void aHundredAtOnceLeaveNothing() throws Exception {
    List<Future<?>> all = new ArrayList<>();
    try (ExecutorService callers = Executors.newFixedThreadPool(100)) {
      for (int i = 0; i < 100; i++) {
        int number = i;
        all.add(callers.submit(() -> echo(number)));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    assertNothingLeft();
  }

  private Void echo(int number) throws InterruptedException {
    String script = "cat; exit " + number;
    try (TestClient.Streams exec = client.exec(shell(script).setStdin(true))) {
      write(exec.fd(FdKind.FD_KIND_STDIN), "line " + number + "\n");
      exec.fd(FdKind.FD_KIND_STDIN).close();
      assertThat(readAll(exec.fd(FdKind.FD_KIND_STDOUT))).isEqualTo("line " + number + "\n");
      assertThat(client.ended(exec.id()).getExitCode()).isEqualTo(number);
    }
    return null;
  }

  @Test
  void aClientThatDisappearsTakesItsSessionsAlong() throws Exception {
    TestClient other = TestClient.connect(node.socket());
    String stubborn =
        "trap '' HUP; (setsid sh -c 'sleep 4711 & sleep 4711' &); while :; do sleep 1; done";
    TestClient.Streams ignores = other.exec(shell(stubborn).setHangupGraceMillis(1500));
    TestClient.Streams terminal = other.exec(request(true, "/bin/sh", "-c", "sleep 4712"));
    TestClient.Streams kept = other.exec(shell("sleep 4713").setKeep(true));
    await(() -> sleeping("4711") == 2 && sleeping("4712") == 1 && sleeping("4713") == 1);
    long begin = System.nanoTime();
    other.close();
    ignores.close();
    terminal.close();
    kept.close();
    await(() -> sleeping("4712") == 0);
    await(() -> sleeping("4711") == 0);
    assertThat((System.nanoTime() - begin) / 1_000_000).isGreaterThanOrEqualTo(1500);
    assertThat(sleeping("4713")).isEqualTo(1);
    end(kept.id(), true);
    await(() -> sleeping("4713") == 0);
    assertNothingLeft();
  }

  @Test
  void whatASessionLeavesRunningBelongsToTheContainer() throws Exception {
    try (TestClient.Streams exec = client.exec(shell("(setsid sleep 4714 >&- 2>&- &)"))) {
      assertThat(client.ended(exec.id()).getExitCode()).isZero();
    }
    assertNothingLeft();
    assertThat(sleeping("4714")).isEqualTo(1);
    node.runc("kill", id, "KILL");
    client.exited(id);
    await(() -> sleeping("4714") == 0);
  }

  @Test
  void asksASessionToEndAndKillsWhatStays() throws Exception {
    ExecRequest.Builder request =
        shell("trap 'exit 9' HUP; echo ready; while :; do sleep 0.1; done");
    try (TestClient.Streams exec = client.exec(request)) {
      readUntil(exec.fd(FdKind.FD_KIND_STDOUT), "ready");
      end(exec.id(), false);
      assertThat(client.ended(exec.id()).getExitCode()).isEqualTo(9);
    }
    end(TestNode.newId(), false);
    assertNothingLeft();
  }

  /** The client has the streams, so only the waiting has to be taken over. */
  @Test
  void aSessionSurvivesTheMonitor() throws Exception {
    TestClient.Streams exec = client.exec(shell("cat; exit 5").setStdin(true));
    TestClient.Streams terminal =
        client.exec(request(true, "/bin/sh", "-c", "read x; stty size; exit 6"));
    client = node.restartMonitor();
    client.keep();
    assertThat(resume(exec).hasResumeSession()).isTrue();
    assertThat(resume(terminal).hasResumeSession()).isTrue();
    assertThat(resize(terminal.id(), 21, 43).hasResize()).isTrue();
    write(exec.fd(FdKind.FD_KIND_STDIN), "still here\n");
    exec.fd(FdKind.FD_KIND_STDIN).close();
    assertThat(readAll(exec.fd(FdKind.FD_KIND_STDOUT))).isEqualTo("still here\n");
    write(terminal.fd(FdKind.FD_KIND_TTY), "\n");
    assertThat(readAll(terminal.fd(FdKind.FD_KIND_TTY))).contains("21 43");
    assertThat(client.ended(exec.id()).getExitCode()).isEqualTo(5);
    assertThat(client.ended(terminal.id()).getExitCode()).isEqualTo(6);
    exec.close();
    terminal.close();
    assertNothingLeft();
  }

  @Test
  void aSessionThatNobodyResumesIsHungUp() throws Exception {
    TestClient.Streams exec = client.exec(shell("sleep 4715"));
    node.killMonitor(Signals.SIGKILL);
    client.close();
    exec.close();
    client = node.startMonitor();
    await(() -> sleeping("4715") == 0);
    assertNothingLeft();
  }

  private Reply resume(TestClient.Streams session) throws InterruptedException {
    boolean terminal = session.has(FdKind.FD_KIND_TTY);
    ResumeSessionRequest.Builder resume =
        ResumeSessionRequest.newBuilder().setSessionId(session.id());
    if (terminal) {
      resume.addFds(FdKind.FD_KIND_TTY);
    }
    return client.call(
        Request.newBuilder().setResumeSession(resume),
        terminal ? List.of(session.fd(FdKind.FD_KIND_TTY)) : List.of());
  }

  private void end(String session, boolean atOnce) throws InterruptedException {
    EndSessionRequest.Builder end =
        EndSessionRequest.newBuilder().setSessionId(session).setAtOnce(atOnce);
    assertThat(client.ask(Request.newBuilder().setEndSession(end)).hasEndSession()).isTrue();
  }

  private Reply resize(String session, int rows, int columns) throws InterruptedException {
    ResizeRequest.Builder resize =
        ResizeRequest.newBuilder().setSessionId(session).setSize(size(rows, columns));
    return client.ask(Request.newBuilder().setResize(resize));
  }

  private static TerminalSize size(int rows, int columns) {
    return TerminalSize.newBuilder().setRows(rows).setColumns(columns).build();
  }

  private ExecRequest.Builder shell(String script) {
    return request(false, "/bin/sh", "-c", script);
  }

  private ExecRequest.Builder request(boolean tty, String... arguments) {
    return ExecRequest.newBuilder()
        .setSessionId(TestNode.newId())
        .setContainerId(id)
        .setTty(tty)
        .setProcess(ByteString.copyFromUtf8(TestNode.process(tty, 0, arguments)));
  }

  private static long sleeping(String seconds) throws Exception {
    return TestNode.run("/bin/ps", "-e", "-o", "args")
        .lines()
        .filter(line -> line.trim().equals("sleep " + seconds))
        .count();
  }

  /** No file, cgroup, terminal or zombie of a session. */
  private void assertNothingLeft() throws Exception {
    await(() -> entries(folder.resolve("run/monitor/exec")).isEmpty());
    await(() -> node.execCgroups(id).isEmpty());
    Path open = Path.of("/proc/" + node.monitorPid() + "/fd");
    await(() -> {
      for (Path fd : entries(open)) {
        if (Files.isSymbolicLink(fd)
            && Files.readSymbolicLink(fd).toString().startsWith("/dev/pt")) {
          return false;
        }
      }
      return true;
    });
  }

  private static List<Path> entries(Path folder) throws Exception {
    try (var files = Files.list(folder)) {
      return files.toList();
    }
  }
}
