package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.Fd;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.Exited;
import io.crij.monitor.v1.FdKind;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** OOM kills told when they happen. */
@Tag("root")
@Timeout(180)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class OomKernelTest {
  private static final String EATER = "awk 'BEGIN { s = \"x\"; while (1) s = s s }'; ";

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
  void tellsOfAChildWhileItsContainerGoesOn() throws Exception {
    long before = eventCounters();
    CreateRequest request =
        node.shell(EATER + "echo first; read x; " + EATER + "echo second; read x; exit 5")
            .setStdin(true)
            .build();
    String id = request.getContainerId();
    assertThat(client.create(request).hasCreate()).isTrue();
    TestClient.KeptContainer kept = client.kept(id);
    node.start(id);
    assertThat(client.outOfMemory(id).getKills()).isEqualTo(1);
    assertThat(client.exitedWithin(id, 0)).isNull();
    TestStreams.write(kept.fd(FdKind.FD_KIND_STDIN), "\n");
    assertThat(client.outOfMemory(id).getKills()).isEqualTo(2);
    TestStreams.write(kept.fd(FdKind.FD_KIND_STDIN), "\n");
    Exited exited = client.exited(id);
    assertThat(exited.getExitCode()).isEqualTo(5);
    assertThat(exited.getOomKilled()).as("the container ended by itself").isFalse();
    kept.descriptors().forEach(Fd::close);
    assertThat(client.forget(id).hasForget()).isTrue();
    await(() -> eventCounters() == before);
  }

  @Test
  void tellsOfTheContainersOwnBeforeItsEnd() throws Exception {
    CreateRequest request = node.shell("exec " + EATER).build();
    String id = request.getContainerId();
    assertThat(client.create(request).hasCreate()).isTrue();
    node.start(id);
    Exited exited = client.exited(id);
    assertThat(exited.getOomKilled()).isTrue();
    assertThat(client.hasOutOfMemory(id)).as("told before").isTrue();
  }

  private long eventCounters() throws Exception {
    try (var files = Files.list(Path.of("/proc/" + node.monitorPid() + "/fd"))) {
      long count = 0;
      for (Path file : files.toList()) {
        if (Files.isSymbolicLink(file)
            && Files.readSymbolicLink(file).toString().contains("eventfd")) {
          count++;
        }
      }
      return count;
    }
  }
}
