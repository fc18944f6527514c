package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.FiguresReply;
import io.crij.monitor.v1.FiguresRequest;
import io.crij.monitor.v1.FloodPolicy;
import io.crij.monitor.v1.LogConfig;
import io.crij.monitor.v1.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers that write more than can be logged, and logs that cannot be written. */
@Tag("root")
@Timeout(240)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class FloodKernelTest {
  private static final Pattern DROPPED =
      Pattern.compile("\\[crij: (\\d+) bytes of output dropped here]\n");

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

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsDroppedIsCounted(boolean terminal) throws Exception {
    CreateRequest.Builder request = shell(terminal, "seq 1 2000000");
    long written = 0;
    for (int digits = 1, from = 1; digits <= 7; digits++, from *= 10) {
      written += (digits + 1L) * (Math.min(2_000_000, from * 10L - 1) - from + 1);
    }
    String id =
        run(
            request,
            LogConfig.newBuilder()
                .setFloodPolicy(FloodPolicy.FLOOD_POLICY_DROP)
                .setBytesPerSecond(1 << 20));

    String logged = node.stdout(id);
    Matcher marker = DROPPED.matcher(logged);
    long dropped = 0;
    long markers = 0;
    long endedParts = 0;
    while (marker.find()) {
      dropped += Long.parseLong(marker.group(1));
      markers += marker.group().length();
      // A line that was cut is ended before the marker.
      endedParts += 1;
    }
    assertThat(dropped).as("dropped of %d", written).isPositive();
    assertThat(logged.length() - markers + dropped).isBetween(written, written + endedParts);
    assertThat(logged).startsWith("1\n2\n3\n");
    FiguresReply figures =
        client
            .ask(Request.newBuilder().setFigures(FiguresRequest.getDefaultInstance()))
            .getFigures();
    assertThat(figures.getDroppedBytes()).isEqualTo(dropped);
    assertThat(figures.getLoggedBytes()).isEqualTo(written - dropped);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRateSlowsTheContainerAndLosesNothing(boolean terminal) throws Exception {
    Instant start = Instant.now();
    String id =
        run(shell(terminal, "seq 1 200000"), LogConfig.newBuilder().setBytesPerSecond(200_000));
    assertThat(Duration.between(start, Instant.now())).isGreaterThan(Duration.ofSeconds(1));
    String logged = node.stdout(id);
    assertThat(logged).startsWith("1\n2\n").endsWith("\n200000\n").hasSize(1_288_895);
  }

  @Test
  void linesOfOneByteAreAllLogged() throws Exception {
    String id = run(node.shell("yes '' | head -c 3000000"), LogConfig.newBuilder());
    assertThat(node.stdout(id)).isEqualTo("\n".repeat(3_000_000));
  }

  @Test
  void aLineWithoutEndIsLoggedInParts() throws Exception {
    String id = run(node.shell("head -c 100000000 /dev/zero"), LogConfig.newBuilder());
    assertThat(node.stdout(id)).hasSize(100_000_001);
    List<String> lines = Files.readAllLines(node.logFile(id), StandardCharsets.ISO_8859_1);
    // A part is shorter where nothing could be written for a second.
    int leastParts = (100_000_000 + 16_383) / 16_384;
    assertThat(lines).hasSizeBetween(leastParts, leastParts + 60);
    assertThat(lines.subList(0, lines.size() - 1))
        .allSatisfy(line -> assertThat(line.charAt(38)).isEqualTo('P'));
    assertThat(lines.getLast().charAt(38)).isEqualTo('F');
  }

  @Test
  void aDeletedLogIsMadeAgainAndNothingElseIsFollowed() throws Exception {
    CreateRequest request =
        node.shell("until [ -e /tmp/go ]; do echo line; sleep 0.1; done; echo last").build();
    String id = request.getContainerId();
    int pid = client.create(request).getCreate().getRecord().getPid();
    node.start(id);
    Path log = node.logFile(id);
    await(() -> Files.size(log) > 0);
    Files.delete(log);
    await(() -> Files.exists(log) && Files.size(log) > 0);

    Path target = Files.createFile(folder.resolve("target"));
    // Each put in the other's place at once: a log that is missing may be made again.
    Path link = Files.createSymbolicLink(folder.resolve("link"), target);
    Files.move(link, log, StandardCopyOption.ATOMIC_MOVE);
    await(() -> node.monitorLog().contains("output is dropped"));
    assertThat(client.reopenLog(id).hasFailure()).isTrue();
    assertThat(target).isEmptyFile();
    Path fifo = folder.resolve("fifo");
    TestNode.run("/usr/bin/mkfifo", fifo.toString());
    Files.move(fifo, log, StandardCopyOption.ATOMIC_MOVE);
    assertThat(client.reopenLog(id).hasFailure()).isTrue();
    Files.delete(log);
    assertThat(client.reopenLog(id).hasReopenLog()).isTrue();
    go(pid);
    client.exited(id);
    assertThat(node.stdout(id)).endsWith("last\n");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFullDiskCostsTheOutputNotTheContainer(boolean terminal) throws Exception {
    CreateRequest.Builder request =
        shell(
            terminal,
            "until [ -e /tmp/go ]; do echo line; sleep 0.1; done; sleep 0.5; echo last; exit 5");
    String id = request.getContainerId();
    Path disk = Files.createDirectory(folder.resolve("disk"));
    TestNode.run("/bin/mount", "-t", "tmpfs", "-o", "size=64k", "small", disk.toString());
    try {
      Path log = disk.resolve("0.log");
      request.setLog(LogConfig.newBuilder().setPath(log.toString()));
      int pid = client.create(request.build()).getCreate().getRecord().getPid();
      Path filler = disk.resolve("filler");
      node.start(id);
      await(() -> Files.size(log) > 0);
      // All but the page that the log has begun; a line more is too much when that is full.
      TestNode.run("/bin/sh", "-c", "dd if=/dev/zero of=" + filler + " bs=4k 2>/dev/null || true");
      TestNode.run("/usr/bin/truncate", "-s", "65536", log.toString());
      await(() -> node.monitorLog().contains("No space left on device"));
      // In this order: the marker may follow within one line's time once there is room.
      TestNode.run("/usr/bin/truncate", "-s", "0", log.toString());
      Files.delete(filler);
      go(pid);
      assertThat(client.exited(id).getExitCode()).isEqualTo(5);
      String text = CriLogText.read(log).get("stdout");
      assertThat(text).containsPattern(DROPPED).endsWith("last\n");
    } finally {
      TestNode.run("/bin/umount", "-l", disk.toString());
    }
  }

  /** What its script waits for. */
  private static void go(int pid) throws IOException {
    Files.createFile(Path.of("/proc/" + pid + "/root/tmp/go"));
  }

  /** On a terminal as it is, without carriage returns. */
  private CreateRequest.Builder shell(boolean terminal, String script) throws Exception {
    CreateRequest.Builder request = node.shell(script).setTty(terminal);
    if (terminal) {
      node.writeConfig(
          request.getContainerId(),
          TestNode.process(true, 0, "/bin/sh", "-c", "stty -opost; " + script));
    }
    return request;
  }

  /** Runs it to its end and gives its id. */
  private String run(CreateRequest.Builder request, LogConfig.Builder log) throws Exception {
    String id = request.getContainerId();
    log.setPath(node.logFile(id).toString());
    assertThat(client.create(request.setLog(log).build()).hasCreate()).isTrue();
    node.start(id);
    assertThat(client.exited(id).getExitCode()).isZero();
    return id;
  }
}
