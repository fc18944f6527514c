package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.EndSessionRequest;
import io.crij.monitor.v1.ExecRequest;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.Failure;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.Request;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OCI runtimes that somebody kills while they execute a process, sooner or later. */
@Tag("root")
@Timeout(240)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class KilledExecKernelTest {
  private static final int LAST_MILLIS = 120;
  private static final int STEP_MILLIS = 12;
  private static final int NEVER = -1;
  private static final String PROCESS = "/bin/sleep 4833";

  @TempDir Path folder;
  private TestNode node;
  private TestClient client;
  private String id;
  private String runtime;
  private List<String> children;
  private int descriptors;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder);
    client = node.startMonitor();
    CreateRequest.Builder request = node.shell("while :; do sleep 1; done");
    id = request.getContainerId();
    runtime = request.getRuntime().getPath();
    request.getRuntimeBuilder().setPath(runtimeKilled("$!", NEVER).toString());
    assertThat(client.create(request.build()).hasCreate()).isTrue();
    node.start(id);
    // The first exec asks the runtime what it can, and loads classes.
    assertThat(sync(500).getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_TIMED_OUT);
    await(() -> children().size() == 1);
    children = children();
    descriptors = descriptors();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  /**
   * @param victim what is killed: the runtime that works, or the one that was called and has it
   *     work for itself, so that it works on alone
   */
  @ParameterizedTest
  @ValueSource(strings = {"$!", "$$"})
  void nothingIsLeftOfAnExecSync(String victim) throws Exception {
    int failed = 0;
    for (int millis = 0; millis <= LAST_MILLIS; millis += STEP_MILLIS) {
      runtimeKilled(victim, millis);
      Failure failure = sync(1000).getFailure();
      if (failure.getCode() != FailureCode.FAILURE_CODE_TIMED_OUT) {
        failed++;
        assertSaysSo(failure);
      }
      assertNothingLeft();
    }
    assertThat(failed).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"$!", "$$"})
  void nothingIsLeftOfASessionAndItsNameIsFree(String victim) throws Exception {
    String session = TestNode.newId();
    int failed = 0;
    for (int millis = 0; millis <= LAST_MILLIS; millis += STEP_MILLIS) {
      runtimeKilled(victim, millis);
      Reply reply = session(session);
      if (reply.hasFailure()) {
        failed++;
        assertSaysSo(reply.getFailure());
        assertNothingLeft();
        runtimeKilled(victim, NEVER);
        reply = session(session);
      }
      assertThat(reply.hasExec()).as("after %d ms: %s", millis, reply).isTrue();
      end(session);
      assertNothingLeft();
    }
    assertThat(failed).isPositive();
  }

  @Test
  void nothingIsLeftOfAProcessThatCannotBeNoted() throws Exception {
    // A folder where the record of what runs is to be.
    script("r=$(ls %s/run/monitor/exec/*.session); rm $r; mkdir $r".formatted(folder));

    assertThat(sync(60_000).getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_INTERNAL);
    assertNothingLeft();
    assertThat(session(TestNode.newId()).getFailure().getCode())
        .isEqualTo(FailureCode.FAILURE_CODE_INTERNAL);
    assertNothingLeft();
  }

  private static void assertSaysSo(Failure failure) {
    assertThat(failure.getCode())
        .as(failure.toString())
        .isEqualTo(FailureCode.FAILURE_CODE_RUNTIME);
    assertThat(failure.getMessage()).contains("exec ended with 137");
  }

  private Reply sync(long timeoutMillis) throws Exception {
    return client.execSync(
        ExecSyncRequest.newBuilder()
            .setContainerId(id)
            .setProcess(process())
            .setTimeoutMillis(timeoutMillis));
  }

  private Reply session(String name) throws Exception {
    ExecRequest.Builder exec =
        ExecRequest.newBuilder().setSessionId(name).setContainerId(id).setProcess(process());
    return client.ask(Request.newBuilder().setExec(exec));
  }

  private void end(String name) throws Exception {
    EndSessionRequest.Builder end = EndSessionRequest.newBuilder().setSessionId(name);
    assertThat(client.ask(Request.newBuilder().setEndSession(end)).hasEndSession()).isTrue();
    client.ended(name);
  }

  private static ByteString process() {
    return ByteString.copyFromUtf8(TestNode.process(false, 0, PROCESS.split(" ")));
  }

  /** Makes the container's runtime one that is killed so soon after it was called to exec. */
  private Path runtimeKilled(String victim, int millis) throws Exception {
    return script(millis == NEVER ? "" : "sleep 0.%03d; kill -9 %s".formatted(millis, victim));
  }

  /** Makes the container's runtime one with which this comes in between, or right afterwards. */
  private Path script(String meanwhile) throws Exception {
    // The monitor may be asking the one before what it can.
    Path script = Files.createTempFile(folder, "runtime", "");
    Files.writeString(
        script,
        """
        #!/bin/sh
        case " $* " in *" --process "*) ;; *) exec %1$s "$@";; esac
        %1$s "$@" &
        %2$s
        wait $!
        """
            .formatted(runtime, meanwhile));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    return Files.move(
        script,
        folder.resolve("killed-runtime"),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
  }

  private void assertNothingLeft() throws Exception {
    await("no process", () -> !TestNode.run("/bin/ps", "-e", "-o", "args").contains(PROCESS));
    await("no cgroup", () -> node.execCgroups(id).isEmpty());
    await("no child", () -> children().equals(children));
    await("no descriptor", () -> descriptors() <= descriptors);
    await("no file", () -> isEmpty(folder.resolve("run/monitor/exec")));
  }

  private static boolean isEmpty(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  private List<String> children() throws Exception {
    Path list = Path.of("/proc/%1$d/task/%1$d/children".formatted(node.monitorPid()));
    return Stream.of(Files.readString(list).trim().split(" ")).sorted().toList();
  }

  private int descriptors() throws Exception {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + node.monitorPid() + "/fd"))) {
      return (int) open.count();
    }
  }
}
