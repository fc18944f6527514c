package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.testing.LeavesNoTrace;
import io.crij.linux.testing.Soak;
import io.crij.monitor.v1.LogConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the monitor needs does not depend on what is written, and hardly on by how many. */
@Tag("root")
@Timeout(value = 30, unit = TimeUnit.MINUTES)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class FloodSoakKernelTest {
  private static final Duration LONGEST_LINE = Duration.ofMinutes(20);
  private static final int MAX_LOG_BYTES = 4 << 20;
  private static final int FLOODS = 20;
  private static final int ROUNDS = 30;

  /** Buffers, and code compiled meanwhile. */
  private static final int GROWTH_KIB = 16 << 10;

  private static final int EACH_KIB = 64;
  private static final Pattern RESIDENT = Pattern.compile("(?m)^RssAnon:\\s+(\\d+) kB");

  @TempDir Path folder;
  private TestNode node;
  private TestClient client;
  private CheapContainers containers;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder);
    client = node.startMonitor();
    client.keep();
    containers = new CheapContainers(node, folder);
  }

  @AfterEach
  void stop() throws Exception {
    containers.close();
    node.close();
  }

  @Test
  void aLineWithoutEndTakesNoMemory() throws Exception {
    long megabytes = Soak.either(10_000, 300);
    int before = residentKib();
    String id = flood("head -c %d000000 /dev/zero; exit 7".formatted(megabytes));
    int most = before;
    long deadline = System.nanoTime() + LONGEST_LINE.toNanos();
    while (!Files.exists(node.exitFile(id)) && System.nanoTime() < deadline) {
      most = Math.max(most, residentKib());
      Thread.sleep(20);
    }
    assertThat(client.exited(id).getExitCode()).isEqualTo(7);
    System.out.printf("%d MB without a newline: %d KiB, %d before%n", megabytes, most, before);
    assertThat(most).isLessThan(before + GROWTH_KIB);
    assertThat(Files.size(node.logFile(id))).isBetween(1L, (long) MAX_LOG_BYTES);
  }

  @Test
  void aFloodMoreTakesNextToNothing() throws Exception {
    List<String> floods = new ArrayList<>();
    floods.add(flood("yes"));
    int one = mostOfAFew(floods);
    while (floods.size() <= FLOODS) {
      floods.add(flood("yes"));
    }
    int all = mostOfAFew(floods);
    System.out.printf("%d KiB with a flood, %d with %d more%n", one, all, FLOODS);
    assertThat(all - one).isLessThan(FLOODS * EACH_KIB + GROWTH_KIB);
  }

  private String flood(String script) throws Exception {
    return containers.run(client, script, LogConfig.newBuilder().setMaxBytes(MAX_LOG_BYTES));
  }

  /** The most that is resident while each of the logs is written, some times over. */
  private int mostOfAFew(List<String> floods) throws Exception {
    int most = 0;
    for (int i = 0; i < ROUNDS; i++) {
      for (String id : floods) {
        Path log = node.logFile(id);
        long before = Files.size(log);
        await("it goes on", () -> Files.size(log) != before);
      }
      most = Math.max(most, residentKib());
    }
    return most;
  }

  private int residentKib() throws Exception {
    Matcher matcher =
        RESIDENT.matcher(Files.readString(Path.of("/proc/" + node.monitorPid() + "/status")));
    assertThat(matcher.find()).isTrue();
    return Integer.parseInt(matcher.group(1));
  }
}
