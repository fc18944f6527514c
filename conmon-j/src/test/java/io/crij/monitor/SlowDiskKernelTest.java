package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.LogConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A log that waits for its disk keeps nobody else waiting. */
@Tag("root")
@Timeout(120)
@SuppressWarnings("NullAway.Init") // Set before each test.
@ExtendWith(LeavesNoTrace.class)
final class SlowDiskKernelTest {
  private static final int MAX_LOG_BYTES = 8 << 20;
  private static final int ATTEMPTS = 8;
  private static final long FROZEN_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final long FEW_LINES_BYTES = 400;

  @TempDir Path folder;
  private TestNode node;
  private TestClient client;
  private Path disk;

  @BeforeEach
  void start() throws Exception {
    TestNode.privateFolder(folder);
    disk = Files.createDirectory(folder.resolve("disk"));
    Path image = folder.resolve("disk.img");
    TestNode.run("/usr/bin/truncate", "-s", "64M", image.toString());
    TestNode.run("/sbin/mkfs.ext4", "-q", "-F", image.toString());
    TestNode.run("/bin/mount", "-o", "loop", image.toString(), disk.toString());
    node = new TestNode(folder);
    client = node.startMonitor();
    client.keep();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    node.close();
    TestNode.run("/bin/umount", disk.toString());
  }

  @Test
  void whileItsDiskWaitsAFloodDoesNotHoldOthersUp() throws Exception {
    Path floodLog = disk.resolve("0.log");
    LogConfig.Builder onDisk =
        LogConfig.newBuilder().setPath(floodLog.toString()).setMaxBytes(MAX_LOG_BYTES);
    CreateRequest.Builder flood = node.shell("yes a line that is repeated");
    CreateRequest.Builder quiet = node.shell("while :; do echo tick; sleep 0.05; done");
    client.create(flood.setLog(onDisk).build());
    client.create(quiet.build());
    node.start(flood.getContainerId());
    node.start(quiet.getContainerId());
    Path quietLog = node.logFile(quiet.getContainerId());
    await(() -> Files.size(floodLog) > 0 && Files.size(quietLog) > 0);

    // The first time the monitor cannot know, nor if the machine has kept us from the second for
    // long.
    boolean goesOn = false;
    for (int i = 0; i < ATTEMPTS && !goesOn; i++) {
      goesOn = growsWhileFrozen(quietLog);
    }
    assertThat(goesOn).isTrue();
    long thawed = Files.size(floodLog);
    await(() -> Files.size(floodLog) != thawed);
  }

  private boolean growsWhileFrozen(Path log) throws Exception {
    TestNode.run("/sbin/fsfreeze", "-f", disk.toString());
    try {
      long before = Files.size(log);
      long deadline = System.nanoTime() + FROZEN_NANOS;
      while (Files.size(log) < before + FEW_LINES_BYTES && System.nanoTime() < deadline) {
        Thread.sleep(10);
      }
      return Files.size(log) >= before + FEW_LINES_BYTES;
    } finally {
      TestNode.run("/sbin/fsfreeze", "-u", disk.toString());
    }
  }
}
