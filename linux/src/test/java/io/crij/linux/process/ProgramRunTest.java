package io.crij.linux.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProgramRunTest {
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final ProgramRun.Limits LIMITS =
      new ProgramRun.Limits(LONG, Duration.ofSeconds(1), 100_000, 1000);

  private static ProgramRun.Ended run(String script, ProgramRun.Limits limits) throws Exception {
    try (Fd nothing = Fd.open("/dev/null", Fd.O_RDONLY, 0)) {
      return ProgramRun.run(Command.of(List.of("/bin/sh", "-c", script)), nothing, limits);
    }
  }

  @Test
  void keepsBothStreamsAndTheStatus() throws Exception {
    ProgramRun.Ended ended = run("echo out; echo err >&2; exit 3", LIMITS);

    assertThat(ended)
        .isEqualTo(new ProgramRun.Ended(new ExitStatus(3, 0), "out\n", "err\n", false, false));
  }

  @Test
  void readsWhileItWritesMoreThanAPipeHolds() throws Exception {
    String script = "head -c 90000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero >&2; echo end";
    ProgramRun.Ended ended = run(script, LIMITS);

    assertThat(ended.output()).hasSize(90_004).endsWith("xend\n");
    assertThat(ended.error()).hasSize(1000);
    assertThat(ended.isCut()).isFalse();
  }

  @Test
  void killsWhoWritesWithoutEnd() throws Exception {
    ProgramRun.Ended ended = run("yes", LIMITS);

    assertThat(ended.isCut()).isTrue();
    assertThat(ended.output()).hasSize(100_000);
  }

  @Test
  void killsItWhenItsTimeIsOver() throws Exception {
    ProgramRun.Limits limits =
        new ProgramRun.Limits(Duration.ofSeconds(1), Duration.ofSeconds(1), 100, 100);

    assertThat(run("sleep 1000", limits).status()).isNull();
    // There is always something to read.
    assertThat(run("yes >&2 & yes >&2 & exec yes >&2", limits).status()).isNull();
  }

  @Test
  void doesNotWaitForWhoHoldsItsStreams(@TempDir Path folder) throws Exception {
    Path pid = folder.resolve("pid");
    ProgramRun.Ended ended = run("sleep 1000 & echo $! > " + pid + "; echo left", LIMITS);

    ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
        .ifPresent(ProcessHandle::destroyForcibly);
    assertThat(ended.isHeld()).isTrue();
    assertThat(ended.output()).isEqualTo("left\n");
  }

  @Test
  void saysWhyItCannotStart() {
    assertThatThrownBy(
            () -> {
              try (Fd nothing = Fd.open("/dev/null", Fd.O_RDONLY, 0)) {
                ProgramRun.run(Command.of(List.of("/no/such/program")), nothing, LIMITS);
              }
            })
        .isInstanceOf(LinuxException.class);
  }

  @Test
  void anInterruptedCallerLeavesNothingRunning(@TempDir Path folder) throws Exception {
    Path pid = folder.resolve("pid");
    CountDownLatch interrupted = new CountDownLatch(1);
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                run("sleep 1000 & echo $! > " + pid + "; wait", LIMITS);
              } catch (InterruptedException _) {
                interrupted.countDown();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    Eventually.await(() -> Files.readString(pid).endsWith("\n"));
    int child = Integer.parseInt(Files.readString(pid).strip());

    caller.interrupt();

    assertThat(interrupted.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
    Eventually.await(() -> isGone(child));
  }

  private static boolean isGone(int pid) {
    ProcessStat stat = ProcessStat.read(pid);
    return stat == null || stat.isZombie();
  }

  @Test
  void manyAtOnceHoldNoOtherVirtualThread(@TempDir Path folder) throws Exception {
    int many = 4 * Runtime.getRuntime().availableProcessors();
    Path go = folder.resolve("go");
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      String started = folder + "/started-" + i;
      String script = "touch " + started + "; until [ -e " + go + " ]; do sleep 0.1; done";
      waiting.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  run(script, LIMITS);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              }));
    }
    // All of them run, which takes a carrier each where they hold it.
    for (int i = 0; i < many; i++) {
      Path started = folder.resolve("started-" + i);
      Eventually.await(() -> Files.exists(started));
    }
    Files.createFile(go);
    for (Thread thread : waiting) {
      assertThat(thread.join(LONG)).isTrue();
    }
  }
}
