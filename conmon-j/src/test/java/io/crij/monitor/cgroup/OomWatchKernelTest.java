package io.crij.monitor.cgroup;

import static io.crij.linux.testing.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.crij.linux.cgroup.CgroupFolder;
import io.crij.linux.testing.LeavesNoTrace;
import io.crij.monitor.loop.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Cgroups that somebody removes before their counters were read, as systemd does with scopes. */
@ExtendWith(LeavesNoTrace.class)
final class OomWatchKernelTest {
  private static final String NAME = "crij-oom-" + ProcessHandle.current().pid();
  private static final String LIMIT =
      CgroupFolder.isUnified() ? "memory.max" : "memory.limit_in_bytes";

  private final Path group =
      (CgroupFolder.isUnified() ? CgroupFolder.ROOT : CgroupFolder.ROOT.resolve("memory"))
          .resolve(NAME);

  @BeforeEach
  void makeGroup() throws Exception {
    Files.createDirectory(group);
    Files.writeString(group.resolve(LIMIT), Long.toString(16 << 20));
  }

  @AfterEach
  void removeGroup() throws Exception {
    Files.deleteIfExists(group);
  }

  @Test
  void version1TellsOfAKillThatNobodyCouldRead() throws Exception {
    try (EventLoop loop = new EventLoop();
        OomWatch watch = OomWatch.open(NAME, loop, _ -> {})) {
      runInGroup("exec awk 'BEGIN { s = \"x\"; while (1) s = s s }'");
      await(this::isRemoved);

      if (CgroupFolder.isUnified()) {
        assertThat(watch.sawKills()).isFalse();
      } else {
        await(watch::sawKills);
      }
    }
  }

  @Test
  void theEndOfACgroupIsNoKill() throws Exception {
    long[] told = {0};
    try (EventLoop loop = new EventLoop();
        OomWatch watch = OomWatch.open(NAME, loop, kills -> told[0] = kills)) {
      runInGroup("true");
      await(this::isRemoved);
      Thread turning = Thread.ofPlatform().start(loop::run);
      loop.execute(loop::stop);
      turning.join();

      assertThat(watch.sawKills()).isFalse();
      assertThat(told[0]).isZero();
    }
  }

  private void runInGroup(String command) throws Exception {
    Process process =
        new ProcessBuilder("sh", "-c", "echo $$ > " + group + "/cgroup.procs; " + command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    process.waitFor();
  }

  /** The kernel may still be busy with the last process. */
  private boolean isRemoved() {
    try {
      Files.deleteIfExists(group);
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
