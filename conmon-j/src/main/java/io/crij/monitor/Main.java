package io.crij.monitor;

import io.crij.linux.Fd;
import io.crij.linux.io.Descriptors;
import io.crij.linux.process.CurrentProcess;
import io.crij.linux.process.OpenFileLimit;
import io.crij.monitor.container.RunDirectory;
import io.crij.monitor.loop.StderrLog;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

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
    if (arguments.length != 2 || !arguments[0].equals("--runroot")) {
      System.err.println("usage: conmon-j --runroot DIR");
      System.exit(EXIT_USAGE);
    }
    try {
      System.exit(run(Path.of(arguments[1])));
    } catch (RuntimeException e) {
      StderrLog.failure("cannot go on", e);
      System.exit(EXIT_FAILED);
    }
  }

  private static int run(Path runroot) {
    RunDirectory directory = RunDirectory.open(runroot);
    String lockPath = directory.lock().toString();
    try (Fd lock = Fd.open(lockPath, Fd.O_RDWR | Fd.O_CREAT | Fd.O_NOFOLLOW, OWNER_ONLY)) {
      if (!Descriptors.tryLock(lock)) {
        StderrLog.info("another monitor has " + lockPath);
        return EXIT_ALREADY_RUNNING;
      }
      CurrentProcess.newSession();
      CurrentProcess.becomeSubreaper();
      OpenFileLimit.raise(OPEN_FILES);
      CountDownLatch ended = new CountDownLatch(1);
      try (Monitor monitor = new Monitor(directory)) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(monitor, ended)));
        monitor.run();
      } finally {
        ended.countDown();
      }
      return 0;
    }
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
