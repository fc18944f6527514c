package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.FailureCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
@Timeout(120)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class ForgetKernelTest {
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

  /** Or it would be left behind: whoever forgets it believes that nothing is there. */
  @Test
  void forgetsNothingThatIsBeingCreated() throws Exception {
    Path marker = folder.resolve("creating");
    CreateRequest request = slowly(node.shell("exec sleep 1000"), marker, "exec \"$@\"");
    FutureTask<Boolean> creation = new FutureTask<>(() -> client.create(request).hasCreate());
    Thread.ofPlatform().start(creation);
    await(() -> Files.exists(marker));

    assertThat(client.forget(request.getContainerId()).getFailure().getCode())
        .isEqualTo(FailureCode.FAILURE_CODE_INVALID);
    assertThat(creation.get()).isTrue();
    assertThat(client.list().getContainersList()).hasSize(1);
  }

  @Test
  void forgetsWhatCouldNotBeCreated() throws Exception {
    Path marker = folder.resolve("creating");
    CreateRequest request = slowly(node.shell("exec sleep 1000"), marker, "exit 1");
    FutureTask<Boolean> creation = new FutureTask<>(() -> client.create(request).hasCreate());
    Thread.ofPlatform().start(creation);
    await(() -> Files.exists(marker));

    assertThat(client.forget(request.getContainerId()).hasForget()).isTrue();
    assertThat(creation.get()).isFalse();
    assertThat(client.list().getContainersList()).isEmpty();
  }

  /** The OCI runtime of the request, with a second of delay and then an end of our choice. */
  private CreateRequest slowly(CreateRequest.Builder request, Path marker, String end)
      throws Exception {
    Path script = folder.resolve("slow");
    Files.writeString(
        script,
        "#!/bin/sh\nset -- %s \"$@\"\ntouch %s\nsleep 1\n%s\n"
            .formatted(request.getRuntime().getPath(), marker, end));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    request.getRuntimeBuilder().setPath(script.toString());
    return request.build();
  }
}
