package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.CreateRequest;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs that are renamed away and opened again while their containers write as fast as they can. */
@Tag("root")
@Timeout(240)
@ExtendWith(LeavesNoTrace.class)
final class RotationKernelTest {
  private static final int ROTATIONS = 100;
  private static final String HEADER = "2026-01-01T00:00:00.000000000Z stdout F ";

  @TempDir Path folder;

  private long next = 1;
  private String begun = "";

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noLineIsLostDoubledOrTorn(boolean terminal) throws Exception {
    try (TestNode node = new TestNode(folder);
        TestClient client = node.startMonitor()) {
      client.keep();
      String script = "stty -opost 2>/dev/null; exec seq 1 1000000000";
      CreateRequest.Builder request = node.shell(script).setTty(terminal);
      String id = request.getContainerId();
      node.writeConfig(id, TestNode.process(terminal, 0, "/bin/sh", "-c", script));
      assertThat(client.create(request.build()).hasCreate()).isTrue();
      node.start(id);
      Path log = node.logFile(id);
      for (int i = 0; i < ROTATIONS; i++) {
        await(() -> Files.exists(log) && Files.size(log) > 0);
        Files.move(log, log.resolveSibling("0.log." + i));
        assertThat(client.reopenLog(id).hasReopenLog()).isTrue();
        if (i > 0) {
          read(log.resolveSibling("0.log." + (i - 1)));
        }
      }
      await(() -> Files.size(log) > 0);
      node.runc("kill", id, "KILL");
      client.exited(id);
      read(log.resolveSibling("0.log." + (ROTATIONS - 1)));
      withoutTheLineCutByTheKill(log);
      read(log);
      System.out.printf("%d lines in %d logs%n", next - 1, ROTATIONS + 1);
    }
  }

  /**
   * A terminal takes a part of what is written, and the kill the rest: the last line may be short.
   */
  private static void withoutTheLineCutByTheKill(Path log) throws Exception {
    List<String> lines = Files.readAllLines(log, StandardCharsets.US_ASCII);
    Files.write(log, lines.subList(0, lines.size() - 1), StandardCharsets.US_ASCII);
  }

  /** Nothing more is written to a log once the next one was opened; each ends with a whole line. */
  private void read(Path log) throws Exception {
    try (BufferedReader reader = Files.newBufferedReader(log, StandardCharsets.US_ASCII)) {
      String line;
      while ((line = reader.readLine()) != null) {
        begun += line.substring(HEADER.length());
        if (line.charAt(HEADER.length() - 2) == 'F') {
          assertThat(begun).as("in " + log.getFileName()).isEqualTo(Long.toString(next));
          next++;
          begun = "";
        }
      }
    }
    Files.delete(log);
  }
}
