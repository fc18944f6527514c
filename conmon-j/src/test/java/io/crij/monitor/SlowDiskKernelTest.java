package io.crij.monitor;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.FailureCode;
import io.crij.monitor.v1.HelloReply;
import io.crij.monitor.v1.LogConfig;
import io.crij.monitor.v1.Reply;
import io.crij.monitor.v1.UpgradeRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A log that waits for its disk keeps nobody else waiting; and one that is to be on the disk when
 * its container has ended is there.
 */
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
  private boolean frozen;

  @BeforeEach
  void start() throws Exception {
    disk = Files.createDirectory(folder.resolve("disk"));
    Path image = folder.resolve("disk.img");
    TestNode.run("/usr/bin/truncate", "-s", "512M", image.toString());
    TestNode.run("/sbin/mkfs.ext4", "-q", "-F", image.toString());
    TestNode.run("/bin/mount", "-o", "loop", image.toString(), disk.toString());
    node = new TestNode(folder);
    client = node.startMonitor();
    client.keep();
  }

  @AfterEach
  void stop() throws Exception {
    thaw();
    node.close();
    TestNode.run("/bin/umount", disk.toString());
  }

  @Test
  void whileItsDiskWaitsAFloodDoesNotHoldOthersUp() throws Exception {
    Path floodLog = run(node.shell("yes a line that is repeated"), MAX_LOG_BYTES);
    Path quietLog = runQuiet();

    freezeUnderAnAppendAside(quietLog);
    thaw();
    long thawed = Files.size(floodLog);
    await(() -> Files.size(floodLog) != thawed);
  }

  @Test
  void anUpgradeWaitsForALogThatWaitsOrIsRefused() throws Exception {
    CreateRequest.Builder flood = node.shell("i=0; while :; do echo line $i; i=$((i+1)); done");
    Path floodLog = run(flood, 0);
    Path quietLog = runQuiet();
    HelloReply before = client.hello();

    freezeUnderAnAppendAside(quietLog);
    Reply refused = client.upgrade(upgrade().setRestMillis(500));
    assertThat(refused.getFailure().getCode()).isEqualTo(FailureCode.FAILURE_CODE_TIMED_OUT);
    assertThat(refused.getFailure().getMessage()).contains("a log waits for its disk");
    assertThat(client.hello()).isEqualTo(before);
    long refusedAt = Files.size(quietLog);
    await(() -> Files.size(quietLog) > refusedAt);
    thaw();

    freezeUnderAnAppendAside(quietLog);
    int proofs = proofs();
    client.beginUpgrade(upgrade());
    await(() -> proofs() > proofs);
    thaw();
    assertThat(client.upgraded().getPid()).isEqualTo(before.getPid());

    long upgradedAt = Files.size(floodLog);
    await(() -> Files.size(floodLog) > upgradedAt);
    node.runc("kill", flood.getContainerId(), "KILL");
    client.exited(flood.getContainerId());
    assertNumbered(CriLogText.read(floodLog).getOrDefault("stdout", ""));
  }

  /**
   * Only who waits for what he has written makes this disk write down what it holds: without
   * journal a file system does not do it by itself.
   */
  @Test
  void aLogIsOnTheDiskAtTheEndIfThatIsWanted() throws Exception {
    Path image = folder.resolve("plain.img");
    TestNode.run("/usr/bin/truncate", "-s", "64M", image.toString());
    TestNode.run("/sbin/mkfs.ext4", "-q", "-F", "-O", "^has_journal", image.toString());
    TestNode.run("/bin/umount", disk.toString());
    TestNode.run("/bin/mount", "-o", "loop", image.toString(), disk.toString());
    // Somebody else may call sync(2) meanwhile.
    await(() -> {
      long until = flushes(disk);
      endWithALog(disk.resolve("unwanted.log"), false);
      return flushes(disk) == until;
    });

    long before = flushes(disk);
    endWithALog(disk.resolve("wanted.log"), true);
    await(() -> flushes(disk) > before);
    long atTheEnd = flushes(disk);

    CreateRequest.Builder rotated = node.shell("echo first; sleep 600");
    Path log = run(rotated, disk.resolve("rotated.log"), LogConfig.newBuilder().setSync(true));
    Files.move(log, disk.resolve("rotated.log.1"));
    assertThat(client.reopenLog(rotated.getContainerId()).hasReopenLog()).isTrue();
    await(() -> flushes(disk) > atTheEnd);
    node.runc("kill", rotated.getContainerId(), "KILL");
    client.exited(rotated.getContainerId());
  }

  private void endWithALog(Path log, boolean isSynced) throws Exception {
    CreateRequest.Builder request = node.shell("echo written");
    Path _ = run(request, log, LogConfig.newBuilder().setSync(isSynced));
    client.exited(request.getContainerId());
    client.forget(request.getContainerId());
  }

  /** How often the disk below a file system was told to write down what it holds. */
  private static long flushes(Path mounted) throws Exception {
    long device = (long) Files.getAttribute(mounted, "unix:dev");
    String stat =
        Files.readString(
            Path.of("/sys/dev/block/" + (device >> 8) + ":" + (device & 0xff) + "/stat"));
    // Kernel, Documentation/block/stat.rst: the 16th.
    return Long.parseLong(stat.strip().split(" +")[15]);
  }

  private Path run(CreateRequest.Builder request, int maxBytes) throws Exception {
    return run(request, disk.resolve("0.log"), LogConfig.newBuilder().setMaxBytes(maxBytes));
  }

  private Path run(CreateRequest.Builder request, Path log, LogConfig.Builder config)
      throws Exception {
    LogConfig.Builder onDisk = config.setPath(log.toString());
    assertThat(client.create(request.setLog(onDisk).build()).hasCreate()).isTrue();
    node.start(request.getContainerId());
    await(() -> Files.size(log) > 0);
    return log;
  }

  private Path runQuiet() throws Exception {
    CreateRequest request = node.shell("while :; do echo tick; sleep 0.05; done").build();
    client.create(request);
    node.start(request.getContainerId());
    Path log = node.logFile(request.getContainerId());
    await(() -> Files.size(log) > 0);
    return log;
  }

  private UpgradeRequest.Builder upgrade() throws Exception {
    return UpgradeRequest.newBuilder().setProgram(node.program("conmon-j").toString());
  }

  /** How many programs have shown that they can take over. */
  private int proofs() throws Exception {
    return node.monitorLog().split("can take over", -1).length;
  }

  private static void assertNumbered(String text) {
    List<String> lines = text.lines().toList();
    // The last may have been cut by the kill.
    for (int i = 0; i < lines.size() - 1; i++) {
      assertThat(lines.get(i)).isEqualTo("line " + i);
    }
  }

  /**
   * Freezes the disk so that others are logged all the same. The first time the monitor cannot
   * know, nor if the machine has kept us from the second for long.
   */
  private void freezeUnderAnAppendAside(Path otherLog) throws Exception {
    for (int i = 0; i < ATTEMPTS; i++) {
      TestNode.run("/sbin/fsfreeze", "-f", disk.toString());
      frozen = true;
      if (grows(otherLog)) {
        return;
      }
      thaw();
    }
    throw new AssertionError(otherLog + " stands still whenever the other log's disk does");
  }

  private static boolean grows(Path log) throws Exception {
    long before = Files.size(log);
    long deadline = System.nanoTime() + FROZEN_NANOS;
    while (Files.size(log) < before + FEW_LINES_BYTES && System.nanoTime() < deadline) {
      Thread.sleep(10);
    }
    return Files.size(log) >= before + FEW_LINES_BYTES;
  }

  private void thaw() throws Exception {
    if (frozen) {
      TestNode.run("/sbin/fsfreeze", "-u", disk.toString());
      frozen = false;
    }
  }
}
