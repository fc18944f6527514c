package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.Reply;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OCI runtimes that somebody kills while they create a container, sooner or later. */
@Tag("root")
@Timeout(180)
@ExtendWith(LeavesNoTrace.class)
final class KilledRuntimeKernelTest {
  private static final int LAST_MILLIS = 120;
  private static final int STEP_MILLIS = 12;

  @TempDir Path folder;

  /**
   * @param victim what is killed: the runtime that works, or the one that was called and has it
   *     work for itself, so that it works on alone
   */
  @ParameterizedTest
  @ValueSource(strings = {"$!", "$$"})
  void nothingIsLeftAndTheNameIsFree(String victim) throws Exception {
    try (TestNode node = new TestNode(folder);
        TestClient client = node.startMonitor()) {
      int failed = 0;
      for (int millis = 0; millis <= LAST_MILLIS; millis += STEP_MILLIS) {
        CreateRequest.Builder request = node.shell("exec sleep 4831");
        String runtime = request.getRuntime().getPath();
        request.getRuntimeBuilder().setPath(killed(runtime, victim, millis));
        Reply reply = client.create(request.build());
        if (reply.hasFailure()) {
          failed++;
          assertThat(reply.getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_RUNTIME);
          assertNothingOf(node, request.build());
          request.getRuntimeBuilder().setPath(runtime);
          reply = client.create(request.build());
        }
        assertThat(reply.hasCreate()).as("after %d ms: %s", millis, reply).isTrue();
        TestNode.run(
            runtime,
            "--root",
            folder.resolve("run/oci").toString(),
            "delete",
            "--force",
            id(request));
        await(() -> client.forget(id(request)).hasForget());
      }
      System.out.printf("%d creates failed%n", failed);
      assertThat(failed).isPositive();
    }
  }

  private static String id(CreateRequest.Builder request) {
    return request.getContainerId();
  }

  private String killed(String runtime, String victim, int millis) throws Exception {
    Path script = folder.resolve("killed-runtime");
    Files.writeString(
        script,
        """
        #!/bin/sh
        case " $* " in *" create "*) ;; *) exec %1$s "$@";; esac
        %1$s "$@" &
        sleep 0.%2$03d
        kill -9 %3$s 2>/dev/null
        wait $!
        """
            .formatted(runtime, millis, victim));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    return script.toString();
  }

  private void assertNothingOf(TestNode node, CreateRequest request) throws Exception {
    String id = request.getContainerId();
    Path children = Path.of("/proc/%1$d/task/%1$d/children".formatted(node.monitorPid()));
    await(() -> Files.readString(children).isBlank());
    assertThat(TestNode.run("/bin/ps", "-e", "-o", "args"))
        .doesNotContain(id)
        .doesNotContain("sleep 4831");
    assertThat(folder.resolve("run/oci/" + id)).doesNotExist();
    assertThat(node.stateFile(id)).doesNotExist();
    assertThat(folder.resolve("run/monitor/creating")).isEmptyDirectory();
    try (DirectoryStream<Path> hierarchies =
        Files.newDirectoryStream(Path.of("/sys/fs/cgroup"), Files::isDirectory)) {
      for (Path hierarchy : hierarchies) {
        assertThat(Path.of(hierarchy + request.getCgroupPath())).doesNotExist();
      }
    }
  }
}
