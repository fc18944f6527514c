package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static io.crij.monitor.TestStreams.readUntil;
import static io.crij.monitor.TestStreams.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.AttachRequest;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.ExecRequest;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.UpgradeRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Another program goes on with what the one before had under way, and no client does anything. */
@Tag("root")
@Timeout(180)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class HandOverKernelTest {
  @TempDir Path folder;
  private TestNode node;
  private TestClient client;
  private String id;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder);
    client = node.startMonitor();
    id = run(node.shell("while :; do sleep 1; done"), false);
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private String run(CreateRequest.Builder request, boolean tty) throws Exception {
    return node.runContainer(request.setTty(tty));
  }

  private void upgrade() throws Exception {
    Reply reply = client.upgrade(request());
    assertThat(reply.hasUpgrade()).as(reply + node.monitorLog()).isTrue();
  }

  private UpgradeRequest.Builder request() throws Exception {
    return UpgradeRequest.newBuilder()
        .setProgram(node.program("conmon-j").toString())
        .setRestMillis(30_000);
  }

  @Test
  void sessionsWithAndWithoutATerminal() throws Exception {
    String loop = "while read x; do echo got $x; done; exit 5";
    try (TestClient.Streams pipes = client.exec(session(false, loop).setStdin(true));
        TestClient.Streams terminal = client.exec(session(true, loop))) {
      for (int i = 0; i < 2; i++) {
        write(pipes.fd(FdKind.FD_KIND_STDIN), "p" + i + "\n");
        write(terminal.fd(FdKind.FD_KIND_TTY), "t" + i + "\n");
        upgrade();
        readUntil(pipes.fd(FdKind.FD_KIND_STDOUT), "got p" + i);
        readUntil(terminal.fd(FdKind.FD_KIND_TTY), "got t" + i);
      }
      pipes.fd(FdKind.FD_KIND_STDIN).close();
      write(terminal.fd(FdKind.FD_KIND_TTY), "\u0004");
      assertThat(client.ended(pipes.id()).getExitCode()).isEqualTo(5);
      assertThat(client.ended(terminal.id()).getExitCode()).isEqualTo(5);
    }
    assertNothingLeft();
  }

  @Test
  void aSessionStillEndsWithItsConnectionAndOneToBeKeptDoesNot() throws Exception {
    TestClient other = TestClient.connect(node.socket());
    TestClient.Streams hungUp = other.exec(session(false, "exec sleep 4811"));
    TestClient.Streams kept =
        other.exec(session(true, "yes | head -c 300000; exec sleep 4812").setKeep(true));
    upgrade();
    other.close();
    hungUp.close();
    kept.close();
    await(() -> sleeping("4811") == 0);
    // Its output is read, so it comes so far; its terminal is open, so it is not hung up.
    await(() -> sleeping("4812") == 1);
    upgrade();
    assertThat(sleeping("4812")).isEqualTo(1);
    client = node.restartMonitor();
    await(() -> sleeping("4812") == 0);
    assertNothingLeft();
  }

  /** What ignores the hang-up is killed by the next program, at the time that was set before. */
  @Test
  void aHangUpUnderWay() throws Exception {
    TestClient other = TestClient.connect(node.socket());
    String stubborn = "trap '' HUP; sleep 4813 & while :; do sleep 1; done";
    TestClient.Streams exec = other.exec(session(false, stubborn).setHangupGraceMillis(3000));
    await(() -> sleeping("4813") == 1);
    long begin = System.nanoTime();
    other.close();
    exec.close();
    upgrade();
    boolean lives = sleeping("4813") == 1;
    assertThat(lives || millisSince(begin) >= 3000).as("its grace").isTrue();
    await(() -> sleeping("4813") == 0);
    assertThat(millisSince(begin)).isGreaterThanOrEqualTo(2900);
    assertNothingLeft();
  }

  @Test
  void theOutputOfAnExecSyncFromBeforeAndAfter() throws Exception {
    client.beginExecSync(
        sync(
            "seq 1 300000; echo early >&2; until [ -e /tmp/go ]; do sleep 0.1; done; seq 300001 600000; exit 3"));
    Path tmp = Path.of("/proc/" + initPid() + "/root/tmp");
    await(() -> node.execCgroups(id).size() == 1);
    upgrade();
    upgrade();
    Files.createFile(tmp.resolve("go"));
    Reply reply = client.begun();
    assertThat(reply.getExecSync().getExitCode()).as(reply.toString()).isEqualTo(3);
    assertThat(reply.getExecSync().getStderr().toStringUtf8()).isEqualTo("early\n");
    assertThat(reply.getExecSync().getStdout().toStringUtf8())
        .isEqualTo(TestNode.run("/usr/bin/seq", "1", "600000"));
    assertThat(client.execSync(sync("echo next")).getExecSync().getStdout().toStringUtf8())
        .isEqualTo("next\n");
    assertNothingLeft();
  }

  @Test
  void theTimeLimitOfAnExecSync() throws Exception {
    long begin = System.nanoTime();
    client.beginExecSync(sync("(setsid sleep 4814 &) ; sleep 4814").setTimeoutMillis(10_000));
    await(() -> sleeping("4814") == 2);
    upgrade();
    Reply reply = client.begun();
    assertThat(reply.getFailure().getCode())
        .as(reply.toString())
        .isEqualTo(FailureCode.FAILURE_CODE_TIMED_OUT);
    assertThat(millisSince(begin)).isGreaterThanOrEqualTo(9900);
    await(() -> sleeping("4814") == 0);
    assertNothingLeft();
  }

  /** The process has ended, but a child of it may still write for so long. */
  @Test
  void anExecSyncOfWhichOnlyOutputIsAwaited() throws Exception {
    client.beginExecSync(
        sync("(while :; do [ -e /tmp/last ] && break; sleep 0.1; done; echo last) & exit 6")
            .setDrainMillis(30_000));
    await(() -> node.execCgroups(id).size() == 1);
    upgrade();
    Files.createFile(Path.of("/proc/" + initPid() + "/root/tmp/last"));
    Reply reply = client.begun();
    assertThat(reply.getExecSync().getExitCode()).as(reply.toString()).isEqualTo(6);
    assertThat(reply.getExecSync().getStdout().toStringUtf8()).isEqualTo("last\n");
    assertNothingLeft();
  }

  @Test
  void anExecSyncThatNobodyWaitsForIsEnded() throws Exception {
    try (TestClient other = TestClient.connect(node.socket())) {
      other.beginExecSync(sync("sleep 4815"));
      await(() -> sleeping("4815") == 1);
    }
    // The monitor sees that the connection has ended before it hands over.
    client.hello();
    upgrade();
    await(() -> sleeping("4815") == 0);
    assertNothingLeft();
  }

  @Test
  void attachmentsAndPromptsOnce() throws Exception {
    String prompting = "while read x; do printf \"got $x> \"; done; echo over; exit 4";
    String pipes = run(node.shell(prompting).setStdin(true).setStdinOnce(true), false);
    CreateRequest.Builder config = node.shell("").setStdin(true);
    node.writeConfig(
        config.getContainerId(), TestNode.process(true, 0, "/bin/sh", "-c", prompting));
    String terminal = run(config, true);
    try (TestClient.Streams one = client.attach(attachment(pipes));
        TestClient.Streams two = client.attach(attachment(terminal))) {
      for (String word : List.of("a", "b", "c")) {
        write(one.fd(FdKind.FD_KIND_STDIN), word + "\n");
        assertThat(readUntil(one.fd(FdKind.FD_KIND_STDOUT), "> ")).isEqualTo("got " + word + "> ");
        write(two.fd(FdKind.FD_KIND_TTY), word + "\n");
        assertThat(readUntil(two.fd(FdKind.FD_KIND_STDOUT), "> ")).endsWith("got " + word + "> ");
        upgrade();
      }
    }
    // The attachment still is the one that stdin ends with.
    client = node.connect();
    client.keep();
    assertThat(client.exited(pipes).getExitCode()).isEqualTo(4);
    assertThat(node.stdout(pipes)).isEqualTo("got a> got b> got c> over\n");
    node.runc("kill", terminal, "KILL");
    client.exited(terminal);
  }

  @Test
  void onlyACallOfTheRuntimeIsWaitedFor() throws Exception {
    Path slow = folder.resolve("slow-runtime");
    Path go = folder.resolve("go");
    CreateRequest.Builder create = node.shell("exec sleep 1000");
    Files.writeString(
        slow,
        "#!/bin/sh\nuntil [ -e %s ]; do sleep 0.05; done\nexec %s \"$@\"\n"
            .formatted(go, create.getRuntime().getPath()));
    Files.setPosixFilePermissions(slow, Files.getPosixFilePermissions(node.program("p")));
    create.getRuntimeBuilder().setPath(slow.toString());
    client.beginCreate(create.build());
    try (TestClient other = TestClient.connect(node.socket())) {
      Reply refused = other.upgrade(request().setRestMillis(300));
      assertThat(refused.getFailure().getCode())
          .as(refused.toString())
          .isEqualTo(FailureCode.FAILURE_CODE_TIMED_OUT);
      other.beginUpgrade(request().setRestMillis(30_000));
      Files.createFile(go);
      assertThat(client.begun().hasCreate()).isTrue();
      other.upgraded();
    }
    assertThat(client.list().getContainersList()).hasSize(2);
  }

  private static long millisSince(long begin) {
    return (System.nanoTime() - begin) / 1_000_000;
  }

  private int initPid() throws Exception {
    return client.list().getContainers(0).getRecord().getPid();
  }

  private ExecSyncRequest.Builder sync(String script) {
    return ExecSyncRequest.newBuilder().setContainerId(id).setProcess(process(false, script));
  }

  private ExecRequest.Builder session(boolean tty, String script) {
    return ExecRequest.newBuilder()
        .setSessionId(TestNode.newId())
        .setContainerId(id)
        .setTty(tty)
        .setProcess(process(tty, script));
  }

  private static ByteString process(boolean tty, String script) {
    return ByteString.copyFromUtf8(TestNode.process(tty, 0, "/bin/sh", "-c", script));
  }

  private static AttachRequest.Builder attachment(String container) {
    return AttachRequest.newBuilder()
        .setAttachmentId(TestNode.newId())
        .setContainerId(container)
        .setStdin(true)
        .setStdout(true);
  }

  private static long sleeping(String seconds) throws Exception {
    return TestNode.run("/bin/ps", "-e", "-o", "args")
        .lines()
        .filter(line -> line.trim().equals("sleep " + seconds))
        .count();
  }

  private void assertNothingLeft() throws Exception {
    await(() -> isEmpty(folder.resolve("run/monitor/exec")));
    await(() -> node.execCgroups(id).isEmpty());
  }

  private static boolean isEmpty(Path directory) throws Exception {
    try (Stream<Path> files = Files.list(directory)) {
      return files.findAny().isEmpty();
    }
  }
}
