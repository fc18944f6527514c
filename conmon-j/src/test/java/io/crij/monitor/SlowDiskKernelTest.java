package io.crij.monitor;

import static io.crij.monitor.ContainerKernelTest.await;

import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.LogConfig;
import java.nio.file.Files;
import java.nio.file.Path;
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

    // The first time the monitor cannot know.
    frozen(() -> Thread.sleep(300));
    long before = Files.size(quietLog);
    await(() -> Files.size(quietLog) > before);
    frozen(() -> {
      long frozen = Files.size(quietLog);
      await(() -> Files.size(quietLog) > frozen + 200);
    });

    long thawed = Files.size(floodLog);
    await(() -> Files.size(floodLog) != thawed);
  }

  private interface Step {
    void run() throws Exception;
  }

  private void frozen(Step step) throws Exception {
    TestNode.run("/sbin/fsfreeze", "-f", disk.toString());
    try {
      step.run();
    } finally {
      TestNode.run("/sbin/fsfreeze", "-u", disk.toString());
    }
  }
}
