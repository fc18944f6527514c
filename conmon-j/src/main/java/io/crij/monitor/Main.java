package io.crij.monitor;

import io.crij.linux.Fd;
import io.crij.linux.io.Descriptors;
import io.crij.linux.process.CurrentProcess;
import io.crij.linux.process.OpenFileLimit;
import io.crij.linux.systemd.Systemd;
import io.crij.monitor.container.RunDirectory;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.upgrade.CheckHandOver;
import io.crij.monitor.upgrade.ReceivedHandOver;
import io.crij.monitor.v1.HandOver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The program {@code conmon-j --runroot DIR}. */
public final class Main {
  private static final int EXIT_FAILED = 1;
  private static final int EXIT_USAGE = 2;
  private static final int EXIT_ALREADY_RUNNING = 3;
  private static final long OPEN_FILES = 1 << 20;
  private static final int STOP_SECONDS = 2;
  private static final int OWNER_ONLY = 0600;

  private Main() {}

  public static void main(String[] arguments) {
    List<String> given = List.of(arguments);
    boolean isCheck = given.size() == 3 && given.get(2).equals(CheckHandOver.FLAG);
    if (!(given.size() == 2 || isCheck) || !given.getFirst().equals("--runroot")) {
      System.err.println("usage: conmon-j --runroot DIR");
      System.exit(EXIT_USAGE);
    }
    try {
      System.exit(isCheck ? check() : run(Path.of(given.get(1))));
    } catch (IOException | RuntimeException e) {
      StderrLog.failure("cannot go on", e);
      System.exit(EXIT_FAILED);
    }
  }

  private static int check() throws IOException {
    CheckHandOver.run(Identity.version());
    return 0;
  }

  private static int run(Path runroot) throws IOException {
    HandOver before = ReceivedHandOver.take();
    RunDirectory directory = RunDirectory.open(runroot);
    try (Fd lock = lock(directory, before)) {
      if (!Descriptors.tryLock(lock)) {
        StderrLog.info("another monitor has " + directory.lock());
        return EXIT_ALREADY_RUNNING;
      }
      if (before != null) {
        OpenFileLimit.originalWas(before.getOriginalOpenFiles());
        CurrentProcess.originalOomScoreWas(before.getOriginalOomScore());
      }
      CurrentProcess.newSession();
      CurrentProcess.becomeSubreaper();
      OpenFileLimit.raise(OPEN_FILES);
      if (!CurrentProcess.protectFromOomKiller()) {
        StderrLog.info("not protected from the OOM killer: CAP_SYS_RESOURCE is missing");
      }
      CountDownLatch ended = new CountDownLatch(1);
      Systemd manager = Systemd.of(System.getenv());
      int generation = before == null ? 0 : before.getGeneration();
      Identity identity = Identity.own(generation, manager.isPresent());
      try (Monitor monitor = new Monitor(directory, lock, identity, manager)) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(monitor, ended)));
        monitor.run(before);
      } finally {
        ended.countDown();
      }
      return 0;
    }
  }

  /** The program before this one in the process has the lock, and so has this one. */
  private static Fd lock(RunDirectory directory, @Nullable HandOver before) {
    return before == null
        ? Fd.open(directory.lock().toString(), Fd.O_RDWR | Fd.O_CREAT | Fd.O_NOFOLLOW, OWNER_ONLY)
        : Fd.owning(before.getLock());
  }

  /** On SIGTERM: the chunk under way is finished first. */
  private static void stop(Monitor monitor, CountDownLatch ended) {
    monitor.stop();
    try {
      if (!ended.await(STOP_SECONDS, TimeUnit.SECONDS)) {
        StderrLog.info("a handler does not end; containers run on");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
