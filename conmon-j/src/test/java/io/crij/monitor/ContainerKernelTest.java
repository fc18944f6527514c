package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.Fd;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.Exited;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.LogConfig;
import io.crij.monitor.v1.Reply;
import java.nio.charset.StandardCharsets;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("root")
@Timeout(120)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class ContainerKernelTest {
  private static final int ATTEMPTS = 5;
  private static final int LEAST_ROTATIONS = 5;

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

  @Test
  void logsBothStreamsAndTellsTheExitCode() throws Exception {
    CreateRequest request =
        node.shell("echo out; echo err >&2; printf 'no newline'; exit 7").build();
    ContainerRecord record = created(request);
    String id = request.getContainerId();
    assertThat(node.stateFile(id)).exists();
    assertThat(Files.readString(node.bundle(id).resolve("pidfile")))
        .isEqualTo(Integer.toString(record.getPid()));
    assertThat(client.list().getContainersList())
        .singleElement()
        .satisfies(s -> assertThat(s.hasExited()).isFalse());

    node.start(id);
    Exited exited = client.exited(id);
    assertThat(exited.getExitCode()).isEqualTo(7);
    assertThat(exited.getSignal()).isZero();
    assertThat(exited.getReason()).isEmpty();
    assertThat(Exited.parseFrom(Files.readAllBytes(node.exitFile(id)))).isEqualTo(exited);
    assertThat(node.output(id))
        .containsEntry("stdout", "out\nno newline\n")
        .containsEntry("stderr", "err\n");
    assertThat(Path.of("/proc/" + record.getPid())).as("no zombie").doesNotExist();

    assertThat(client.forget(id).hasForget()).isTrue();
    assertThat(client.list().getContainersList()).isEmpty();
    assertThat(node.exitFile(id)).doesNotExist();
    assertThat(node.stateFile(id)).doesNotExist();
    assertThat(node.bundle(id).resolve("journal")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"kill -9 $$, 0", "exit 0, 0", "exit 255, 255", "exit 137, 137"})
  void tellsExitCodesExactly(String script, int code) throws Exception {
    // The init of a PID namespace cannot kill itself.
    Exited exited = run(node.shell(script).build());
    assertThat(exited.getExitCode()).isEqualTo(code);
    assertThat(exited.getSignal()).isZero();
  }

  @Test
  void tellsTheSignalThatKilledAContainer() throws Exception {
    CreateRequest request = node.shell("exec sleep 1000").build();
    created(request);
    node.start(request.getContainerId());
    assertThat(client.forget(request.getContainerId()).getFailure().getCode())
        .isEqualTo(FailureCode.FAILURE_CODE_INVALID);
    node.runc("kill", request.getContainerId(), "KILL");
    Exited exited = client.exited(request.getContainerId());
    assertThat(exited.getExitCode()).isEqualTo(137);
    assertThat(exited.getSignal()).isEqualTo(9);
    assertThat(exited.getOomKilled()).isFalse();
  }

  @Test
  void seesAnOomKill() throws Exception {
    Exited exited = run(node.shell("exec awk 'BEGIN { s = \"x\"; while (1) s = s s }'").build());
    assertThat(exited.getExitCode()).isEqualTo(137);
    assertThat(exited.getOomKilled()).isTrue();
  }

  @Test
  void logsBytesExactlyAndSplitsLongLines() throws Exception {
    run(
        node.shell(
                "head -c 16384 /dev/zero; echo; head -c 16385 /dev/zero; echo; echo; "
                    + "printf '\\001\\377\\200 \\n'; head -c 40000 /dev/zero")
            .build());
    String zero = "\0";
    assertThat(node.stdout(lastId()))
        .isEqualTo(
            zero.repeat(16384)
                + "\n"
                + zero.repeat(16385)
                + "\n\n\001\u00ff\u0080 \n"
                + zero.repeat(40000)
                + "\n");
  }

  @Test
  void logsLinesThatComeInPieces() throws Exception {
    int lines = 0;
    // Of a line that a loaded machine lets take more than a second, its beginning is logged before.
    for (int attempt = 0; attempt < ATTEMPTS && lines != 2; attempt++) {
      CreateRequest request =
          node.shell("printf a; sleep 0.1; printf b; sleep 0.1; echo c; echo d").build();
      run(request);
      assertThat(node.stdout(request.getContainerId())).isEqualTo("abc\nd\n");
      lines = Files.readAllLines(node.logFile(request.getContainerId())).size();
    }
    assertThat(lines).isEqualTo(2);
  }

  @Test
  void showsAPromptWithinSeconds() throws Exception {
    CreateRequest request = node.shell("printf 'prompt> '; exec sleep 1000").build();
    created(request);
    node.start(request.getContainerId());
    await(() -> Files.size(node.logFile(request.getContainerId())) > 0);
    assertThat(Files.readString(node.logFile(request.getContainerId()))).endsWith(" P prompt> \n");
  }

  @Test
  void ownsTheStreamsByTheContainersUser() throws Exception {
    CreateRequest request = node.shell("").setStreamUid(1234).setStreamGid(99).build();
    String id = request.getContainerId();
    String script = "stat -L -c %u:%g /proc/1/fd/1; echo again >/dev/stdout; echo e >/dev/stderr";
    node.writeConfig(id, TestNode.process(false, 1234, "/bin/sh", "-c", script));
    run(request);
    assertThat(node.stdout(id)).isEqualTo("1234:99\nagain\n");
    assertThat(node.output(id).get("stderr")).isEqualTo("e\n");
  }

  @Test
  void passesOnNoDescriptorOfOursAndNoSignalMask() throws Exception {
    run(node.container("/bin/ls", "/proc/self/fd").build());
    assertThat(node.stdout(lastId())).isEqualTo("0\n1\n2\n3\n");
    CreateRequest status = node.container("/bin/cat", "/proc/self/status").build();
    run(status);
    assertThat(node.stdout(status.getContainerId()))
        .contains("SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000");
  }

  @Test
  void feedsStdinThroughTheKeptDescriptor() throws Exception {
    CreateRequest request = node.container("/bin/cat").setStdin(true).build();
    created(request);
    TestClient.KeptContainer kept = client.kept(request.getContainerId());
    assertThat(kept.message().getFdsList())
        .containsExactlyInAnyOrder(
            FdKind.FD_KIND_PIDFD,
            FdKind.FD_KIND_STDIN,
            FdKind.FD_KIND_STDOUT,
            FdKind.FD_KIND_STDERR);
    node.start(request.getContainerId());
    write(kept.fd(FdKind.FD_KIND_STDIN), "typed\n");
    await(() -> node.output(request.getContainerId()).containsKey("stdout"));
    assertThat(node.stdout(request.getContainerId())).isEqualTo("typed\n");
    kept.descriptors().forEach(Fd::close);
  }

  @Test
  void logsATerminal() throws Exception {
    CreateRequest.Builder request = node.container("/bin/sh").setTty(true);
    String id = request.getContainerId();
    node.writeConfig(
        id, TestNode.process(true, 0, "/bin/sh", "-c", "tty; read line; echo got $line; exit 3"));
    created(request.build());
    node.start(id);
    TestClient.KeptContainer kept = client.kept(id);
    await(() -> node.output(id).toString().contains("/dev/pts/0"));
    write(kept.fd(FdKind.FD_KIND_TTY), "hello\n");
    assertThat(client.exited(id).getExitCode()).isEqualTo(3);
    assertThat(node.stdout(id)).isEqualTo("/dev/pts/0\r\nhello\r\ngot hello\r\n");
    kept.descriptors().forEach(Fd::close);
  }

  @Test
  void reopensTheLogWithoutLosingOrDoublingALine() throws Exception {
    CreateRequest request =
        node.shell(
                "awk 'BEGIN { for (i = 0; i < 300000; i++) print \"line \" i }'; "
                    + "until [ -e /tmp/go ]; do sleep 0.1; done; echo line 300000")
            .build();
    String id = request.getContainerId();
    int pid = created(request).getPid();
    node.start(id);
    Path log = node.logFile(id);
    StringBuilder all = new StringBuilder();
    int rotations = 0;
    do {
      Path rotated = log.resolveSibling("0.log." + rotations++);
      Files.move(log, rotated);
      assertThat(client.reopenLog(id).hasReopenLog()).isTrue();
      if (rotations == LEAST_ROTATIONS) {
        Files.createFile(Path.of("/proc/" + pid + "/root/tmp/go"));
      }
    } while (client.exitedWithin(id, 20) == null);
    for (int i = 0; i < rotations; i++) {
      all.append(CriLogText.read(log.resolveSibling("0.log." + i)).getOrDefault("stdout", ""));
    }
    all.append(node.stdout(id));
    assertNumbered(all.toString(), 300_001);
  }

  @Test
  void keepsALogBelowItsLimit() throws Exception {
    CreateRequest.Builder request = node.container("/bin/seq", "1", "100000");
    LogConfig log = request.getLog().toBuilder().setMaxBytes(1_000_000).build();
    run(request.setLog(log).build());
    assertThat(Files.size(node.logFile(lastId()))).isBetween(1L, 1_000_000L);
    assertThat(node.stdout(lastId())).endsWith("\n100000\n");
  }

  @Test
  void runsWithoutALog() throws Exception {
    Exited exited = run(node.shell("seq 1 100000").setLog(LogConfig.getDefaultInstance()).build());
    assertThat(exited.getExitCode()).isZero();
  }

  @Test
  void aFailedCreateSaysWhyAndLeavesNothing() throws Exception {
    CreateRequest request = node.container("/no/such/program").build();
    String id = request.getContainerId();
    Reply reply = client.create(request);
    assertThat(reply.getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_RUNTIME);
    assertThat(reply.getFailure().getRuntimeMessage())
        .contains("/no/such/program")
        .contains("no such file or directory");
    assertThat(folderContent(node.bundle(id))).containsExactly("config.json");
    assertThat(node.logFile(id)).doesNotExist();
    assertThat(node.stateFile(id)).doesNotExist();
    assertThat(client.list().getContainersList()).isEmpty();

    // The name is free, so it can be created now.
    node.writeConfig(id, TestNode.process(false, 0, "/bin/true"));
    assertThat(run(request).getExitCode()).isZero();
  }

  @Test
  void refusesWhatCannotBe() throws Exception {
    CreateRequest request = node.shell("exec sleep 1000").build();
    created(request);
    assertFailure(client.create(request), FailureCode.FAILURE_CODE_ALREADY_EXISTS);
    assertFailure(
        client.create(request.toBuilder().setContainerId("../x").build()),
        FailureCode.FAILURE_CODE_INVALID);
    assertFailure(
        client.create(
            request.toBuilder().setContainerId(TestNode.newId()).setBundle("relative").build()),
        FailureCode.FAILURE_CODE_INVALID);
    assertFailure(client.reopenLog(TestNode.newId()), FailureCode.FAILURE_CODE_NOT_FOUND);
    assertThat(client.forget(TestNode.newId()).hasForget()).as("gone already").isTrue();
  }

  @Test
  void refusesALogThatIsALinkOrADevice() throws Exception {
    CreateRequest link = node.shell("true").build();
    Files.createSymbolicLink(node.logFile(link.getContainerId()), Path.of("/dev/null"));
    assertFailure(client.create(link), FailureCode.FAILURE_CODE_INTERNAL);
    CreateRequest device =
        node.shell("true").setLog(LogConfig.newBuilder().setPath("/dev/null")).build();
    assertFailure(client.create(device), FailureCode.FAILURE_CODE_INTERNAL);
  }

  @Test
  void killsARuntimeThatTakesTooLong() throws Exception {
    String sleep = "sleep 1000." + node.monitorPid();
    // Its delete does not end either, but has its own limit; so it is not slow for that verb.
    Path slow =
        Files.writeString(
            folder.resolve("slow"),
            "#!/bin/sh\ncase \"$*\" in *delete*) exit 0;; esac\n" + sleep + " & " + sleep + "\n");
    assertThat(slow.toFile().setExecutable(true)).isTrue();
    CreateRequest.Builder request = node.shell("true").setTimeoutMillis(300);
    request.getRuntimeBuilder().setPath(slow.toString());
    assertFailure(client.create(request.build()), FailureCode.FAILURE_CODE_TIMED_OUT);
    await(() -> !TestNode.run("/bin/ps", "-e", "-o", "args").contains(sleep));
  }

  @Test
  void refusesASecondMonitorAndEndsOnSigterm() throws Exception {
    String instance = client.hello().getInstance();
    assertThat(client.hello().getPid()).isEqualTo(node.monitorPid());
    assertThat(node.killMonitor(15).shellCode()).isEqualTo(143);
    assertThat(node.socket()).doesNotExist();
    client.close();
    client = node.startMonitor();
    assertThat(client.hello().getInstance()).isNotEqualTo(instance);
  }

  private String lastId() throws Exception {
    List<String> ids = folderContent(folder.resolve("run/containers"));
    assertThat(ids).hasSize(1);
    return ids.getFirst();
  }

  private ContainerRecord created(CreateRequest request) throws Exception {
    Reply reply = client.create(request);
    assertThat(reply.hasCreate()).as(reply.getFailure().toString()).isTrue();
    return reply.getCreate().getRecord();
  }

  private Exited run(CreateRequest request) throws Exception {
    created(request);
    node.start(request.getContainerId());
    return client.exited(request.getContainerId());
  }

  private static void assertFailure(Reply reply, FailureCode code) {
    assertThat(reply.getFailure().getCode()).as(reply.toString()).isEqualTo(code);
  }

  static void assertNumbered(String text, int count) {
    String[] lines = text.split("\n");
    for (int i = 0; i < Math.min(count, lines.length); i++) {
      assertThat(lines[i]).as("line %d", i).isEqualTo("line " + i);
    }
    assertThat(lines).hasSize(count);
  }

  private static List<String> folderContent(Path path) throws Exception {
    try (var files = Files.list(path)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  private static void write(Fd fd, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    NativeBuffer buffer = NativeBuffer.allocate(bytes.length);
    buffer.bytes().put(0, bytes);
    assertThat(Descriptors.write(fd, buffer, 0, bytes.length)).isEqualTo(bytes.length);
  }
}
