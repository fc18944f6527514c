package io.crij.monitor;

import io.crij.linux.Fd;
import io.crij.linux.io.UnixListener;
import io.crij.linux.memory.StartupPages;
import io.crij.linux.process.CurrentProcess;
import io.crij.linux.process.OpenFileLimit;
import io.crij.linux.systemd.PassedDescriptors;
import io.crij.linux.systemd.Systemd;
import io.crij.monitor.container.Attachments;
import io.crij.monitor.container.Containers;
import io.crij.monitor.container.Create;
import io.crij.monitor.container.Inherited;
import io.crij.monitor.container.RunDirectory;
import io.crij.monitor.exec.Exec;
import io.crij.monitor.exec.ExecParts;
import io.crij.monitor.exec.ExecSync;
import io.crij.monitor.exec.Sessions;
import io.crij.monitor.figures.LogFigures;
import io.crij.monitor.forward.Forwards;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.runtime.Children;
import io.crij.monitor.runtime.OciRuntimeCall;
import io.crij.monitor.systemd.DescriptorStore;
import io.crij.monitor.systemd.Heartbeat;
import io.crij.monitor.upgrade.ReceivedHandOver;
import io.crij.monitor.upgrade.RunningMonitor;
import io.crij.monitor.upgrade.Upgrade;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.HandOver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The parts of the monitor, put together. */
final class Monitor implements RunningMonitor, AutoCloseable {
  private static final Duration REAP_INTERVAL = Duration.ofSeconds(1);

  /** After it, what only the start has needed may leave the memory. */
  private static final Duration SETTLING_TIME = Duration.ofSeconds(5);

  /**
   * Calls of the OCI runtime at the same time; more wait in the queue, and beyond it are refused.
   */
  private static final int WORKERS = 32;

  private static final int CLEANERS = 4;

  private static final int QUEUE_LENGTH = 4096;
  private static final long WORKER_STACK_BYTES = 256 * 1024;

  private final EventLoop loop = new EventLoop();
  private final Forwards forwards = new Forwards(loop);
  private final Children children = new Children();
  private final Keepers keepers = new Keepers();
  private final ThreadPoolExecutor workers = workers("oci-runtime", WORKERS);

  /** For killing and removing, which must not wait behind calls of the OCI runtime. */
  private final ThreadPoolExecutor cleaners = workers("clean", CLEANERS);

  private final RunDirectory directory;
  private final Fd lock;
  private final Identity identity;
  private final Systemd manager;
  private final DescriptorStore store;
  private final Heartbeat heartbeat;
  private final Containers containers;
  private final UnderWay underWay;
  private final Create create;
  private final Requests requests;
  private @Nullable Clients clients;

  /**
   * @param lock of the directory, taken
   */
  Monitor(RunDirectory directory, Fd lock, Identity identity, Systemd manager) {
    this.directory = directory;
    this.lock = lock;
    this.identity = identity;
    this.manager = manager;
    this.store = new DescriptorStore(manager);
    this.heartbeat = new Heartbeat(loop, manager, this::status);
    Listeners listeners = new Listeners(List.of(keepers, store));
    LogFigures figures = new LogFigures();
    this.containers = new Containers(directory, loop, children, listeners, figures);
    this.create = new Create(directory, new OciRuntimeCall(children), children, figures);
    ExecParts execs = new ExecParts(directory, loop, workers, cleaners, children);
    Sessions sessions = new Sessions(execs);
    ExecSync execSync = new ExecSync(execs, identity.hello().getInstance());
    Attachments attachments = new Attachments(containers);
    this.underWay = new UnderWay(execs, sessions, execSync, attachments);
    this.requests =
        new Requests(
            new Requests.Parts(
                identity,
                containers,
                keepers,
                loop,
                workers,
                new ForwardRequests(forwards),
                figures),
            create,
            execSync,
            new StreamRequests(containers, attachments, new Exec(execs, sessions), sessions),
            new Upgrade(loop, children, directory.runroot(), this));
  }

  private static ThreadPoolExecutor workers(String name, int count) {
    ThreadPoolExecutor workers =
        new ThreadPoolExecutor(
            count,
            count,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(QUEUE_LENGTH),
            task -> {
              Thread thread = new Thread(null, task, name, WORKER_STACK_BYTES);
              thread.setDaemon(true);
              return thread;
            },
            (_, all) -> {
              throw new RejectedExecutionException(
                  all.isShutdown()
                      ? "the monitor ends"
                      : "the monitor's queue %s is full: %d calls wait for the %d that run"
                          .formatted(name, QUEUE_LENGTH, count));
            });
    workers.allowCoreThreadTimeOut(true);
    return workers;
  }

  /**
   * Runs until {@link #stop}, or until a client shuts it down.
   *
   * @param before what the program before this one has left; null at the start of a process
   */
  void run(@Nullable HandOver before) {
    directory.clearExecs();
    takeOver(before);
    containers.claimUnfinished().forEach(request -> workers.execute(() -> undo(request)));
    loop.after(SETTLING_TIME, () -> StartupPages.release());
    // Last: who can connect finds everything taken over that can be.
    try (Clients connected = new Clients(loop, requests, keepers, listener(before))) {
      clients = connected;
      underWay.takeOver(
          before, before == null ? Map.of() : connected.takeOver(before, identity.hello()));
      // Once all are claimed that somebody waits for: they may have ended while nobody looked.
      reapOrphans();
      connected.serve();
      heartbeat.start();
      StderrLog.info(identity + " watches " + containers.all().size() + " containers");
      loop.run();
    } finally {
      manager.stopping();
    }
  }

  private void takeOver(@Nullable HandOver before) {
    directory.markService(manager.isPresent());
    Inherited inherited = before == null ? Inherited.none() : Inherited.from(before);
    if (before != null) {
      store.resume(before);
    }
    store.takeBack(PassedDescriptors.take(System.getenv()), inherited);
    containers.takeOver(inherited);
    store.retain(containers.all());
  }

  private String status() {
    return "watching " + containers.living() + " containers";
  }

  private void undo(CreateRequest request) {
    try {
      create.undo(request);
    } catch (RuntimeException e) {
      StderrLog.failure("remove what was left of " + request.getContainerId(), e);
    }
    loop.execute(() -> containers.release(request.getContainerId()));
  }

  private UnixListener listener(@Nullable HandOver before) {
    return before == null
        ? UnixListener.bind(directory.socket())
        : UnixListener.owning(Fd.owning(before.getListener()), directory.socket());
  }

  @Override
  public HandOver handOver() {
    HandOver.Builder handOver =
        HandOver.newBuilder()
            .setFormat(ReceivedHandOver.FORMAT)
            .setFromVersion(Identity.version())
            .setGeneration(identity.generation() + 1)
            .setOriginalOpenFiles(OpenFileLimit.original())
            .setOriginalOomScore(CurrentProcess.originalOomScore())
            .setLock(lock.number());
    containers.handOver(handOver);
    clients().handOver(handOver);
    underWay.handOver(handOver);
    return handOver.build();
  }

  @Override
  public void pause() {
    clients().pause();
    loop.slowCalls().hold();
  }

  @Override
  public boolean isAtRest() {
    return !requests.areUnderWay()
        && underWay.isAtRest()
        && clients().isAtRest()
        && !loop.slowCalls().isUnderWay();
  }

  @Override
  public void leaving() {
    manager.reloading("becoming another program");
  }

  @Override
  public void resume() {
    heartbeat.ready();
    loop.slowCalls().release();
    clients().serve();
  }

  private Clients clients() {
    return Objects.requireNonNull(clients, "it runs");
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
    cleaners.shutdown();
    forwards.close();
    containers.close();
    loop.close();
    manager.close();
  }
}
