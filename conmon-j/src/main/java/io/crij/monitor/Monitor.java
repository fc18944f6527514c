package io.crij.monitor;

import io.crij.linux.io.Epoll;
import io.crij.linux.io.UnixListener;
import io.crij.linux.io.UnixSocket;
import io.crij.linux.process.CurrentProcess;
import io.crij.monitor.container.Containers;
import io.crij.monitor.container.Create;
import io.crij.monitor.container.RunDirectory;
import io.crij.monitor.exec.ExecSync;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.runtime.Children;
import io.crij.monitor.runtime.OciRuntimeCall;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The parts of the monitor, put together. */
final class Monitor implements AutoCloseable {
  private static final Duration REAP_INTERVAL = Duration.ofSeconds(1);

  /**
   * Calls of the OCI runtime at the same time; more wait in the queue, and beyond it are refused.
   */
  private static final int WORKERS = 32;

  private static final int QUEUE_LENGTH = 4096;
  private static final long WORKER_STACK_BYTES = 256 * 1024;

  private final EventLoop loop = new EventLoop();
  private final Children children = new Children();
  private final Keepers keepers = new Keepers();
  private final ThreadPoolExecutor workers = workers();
  private final RunDirectory directory;
  private final Containers containers;
  private final Requests requests;

  Monitor(RunDirectory directory) {
    this.directory = directory;
    this.containers = new Containers(directory, loop, children, keepers);
    OciRuntimeCall runtime = new OciRuntimeCall(children);
    this.requests =
        new Requests(
            new Requests.Parts(containers, keepers, loop, workers),
            new Create(directory, runtime, children),
            new ExecSync(directory, runtime, children, loop, workers));
  }

  private static ThreadPoolExecutor workers() {
    ThreadPoolExecutor workers =
        new ThreadPoolExecutor(
            WORKERS,
            WORKERS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(QUEUE_LENGTH),
            task -> {
              Thread thread = new Thread(null, task, "oci-runtime", WORKER_STACK_BYTES);
              thread.setDaemon(true);
              return thread;
            });
    workers.allowCoreThreadTimeOut(true);
    return workers;
  }

  /** Runs until {@link #stop}, or until a client shuts it down. */
  void run() {
    directory.clearExecs();
    containers.takeOver();
    reapOrphans();
    // Last: who can connect finds everything taken over that can be.
    try (UnixListener listener = UnixListener.bind(directory.socket())) {
      loop.watch(listener.fd(), Epoll.IN, _ -> accept(listener));
      StderrLog.info(
          "pid " + CurrentProcess.pid() + " watches " + containers.all().size() + " containers");
      loop.run();
    }
  }

  private void accept(UnixListener listener) {
    UnixSocket socket = listener.accept();
    if (socket != null) {
      ClientConnection.open(socket, loop, requests);
    }
  }

  private void reapOrphans() {
    loop.after(REAP_INTERVAL, this::reapOrphans);
    children.reapOrphans();
  }

  void stop() {
    loop.stop();
  }

  @Override
  public void close() {
    workers.shutdown();
    containers.close();
    loop.close();
  }
}
