package io.crij.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crij.linux.Fd;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.Soak;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.Reply;
import java.nio.file.Path;
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
    TestNode.privateFolder(folder);
    node = new TestNode(folder);
    client = node.startMonitor();
    CreateRequest request = node.shell("while :; do sleep 1; done").build();
    id = request.getContainerId();
    assertThat(client.create(request).hasCreate()).isTrue();
    node.start(id);
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
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
