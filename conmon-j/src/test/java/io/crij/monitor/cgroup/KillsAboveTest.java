package io.crij.monitor.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import io.crij.monitor.loop.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counters as version 2 writes them, in plain files: this needs no cgroup of that version. */
final class KillsAboveTest {
  @TempDir private Path pod;
  private Path above;
  private Path own;

  @BeforeEach
  void noKills() throws IOException {
    above = pod.resolve("memory.events");
    own = Files.createDirectory(pod.resolve("container")).resolve("memory.events");
    write(above, 0);
    write(own, 0);
  }

  private static void write(Path file, int kills) throws IOException {
    Files.writeString(file, "low 0\nhigh 0\nmax 9\noom 3\noom_kill " + kills + "\n");
  }

  private static OomWatch watch(Path file, EventLoop loop) {
    return OomWatch.open(file, true, loop, _ -> {});
  }

  @Test
  void aKillIsSeenInTheCgroupAboveWhenItsOwnIsGone() throws IOException {
    try (EventLoop loop = new EventLoop();
        OomWatch watch = watch(own, loop)) {
      write(above, 1);
      Files.delete(own);
      assertThat(watch.sawKills()).isTrue();
    }
  }

  @Test
  void thatOfAnotherContainerIsNotItsOwn() throws IOException {
    try (EventLoop loop = new EventLoop();
        OomWatch watch = watch(own, loop)) {
      write(above, 1);
      assertThat(watch.sawKills()).isFalse();
      Files.delete(own);
      assertThat(watch.sawKills()).isFalse();
    }
  }

  @Test
  void theEndOfACgroupIsNoKill() throws IOException {
    write(above, 5);
    try (EventLoop loop = new EventLoop();
        OomWatch watch = watch(own, loop)) {
      Files.delete(own);
      assertThat(watch.sawKills()).isFalse();
    }
  }
}
