package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.Soak;
import io.crij.monitor.v1.Exited;
import io.crij.monitor.v1.HelloReply;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.UpgradeRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Many containers, of which some write all the while and some end in between, many upgrades. */
@Tag("root")
@Timeout(1800)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class UpgradeSoakKernelTest {
  private static final int CONTAINERS = Soak.either(500, 100);
  private static final int UPGRADES = Soak.either(20, 4);
  private static final int LINES = Soak.either(3000, 600);
  private static final int LINE_MILLIS = 20;

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
  void nothingIsLostNorDoubledAndNothingGrows() throws Exception {
    Map<String, Integer> writers = new LinkedHashMap<>();
    Map<String, Integer> ending = new LinkedHashMap<>();
    List<String> quiet = new ArrayList<>();
    Random random = new Random(1);
    try (CheapContainers cheap = new CheapContainers(node, folder)) {
      for (int i = 0; i < CONTAINERS; i++) {
        int code = i % 200;
        if (i % 5 == 0) {
          writers.put(cheap.run(client, CheapContainers.writer(LINES, LINE_MILLIS, code)), code);
        } else if (i % 5 == 1) {
          double seconds = random.nextInt(LINES * LINE_MILLIS / 100) / 10.0;
          String script = "echo begin; sleep " + seconds + "; echo end; exit " + code;
          ending.put(cheap.run(client, script), code);
        } else {
          quiet.add(cheap.run(client, "exec sleep 10000"));
        }
      }
      upgrade();
      int open = openFiles();
      for (int i = 1; i < UPGRADES; i++) {
        upgrade();
        await("no more open files than " + open, () -> openFiles() <= open);
      }
      requireEnds(writers);
      requireEnds(ending);
      for (String id : writers.keySet()) {
        UpgradeKernelTest.assertNumbered(node, id, LINES);
      }
      for (String id : ending.keySet()) {
        assertThat(node.stdout(id)).isEqualTo("begin\nend\n");
      }
      for (String id : quiet) {
        assertThat(client.exitedWithin(id, 0)).isNull();
      }
    }
  }

  private void requireEnds(Map<String, Integer> containers) throws Exception {
    for (Map.Entry<String, Integer> end : containers.entrySet()) {
      Exited exited = client.exited(end.getKey());
      assertThat(exited.getExitCode()).as(exited.toString()).isEqualTo(end.getValue());
    }
  }

  private void upgrade() throws Exception {
    long begin = System.nanoTime();
    Reply reply =
        client.upgrade(UpgradeRequest.newBuilder().setProgram(node.program("conmon-j").toString()));
    HelloReply now = reply.getUpgrade().getNow();
    assertThat(now.getPid()).as(reply + node.monitorLog()).isEqualTo(node.monitorPid());
    System.out.printf(
        "upgrade after %d ms, %d open files%n",
        (System.nanoTime() - begin) / 1_000_000, openFiles());
  }

  private int openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/" + node.monitorPid() + "/fd"))) {
      return (int) files.count();
    }
  }
}
