package io.crij.runtime.monitor;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.process.ChildProcess;
import io.crij.monitor.v1.AdoptRequest;
import io.crij.monitor.v1.HelloReply;
import io.crij.monitor.v1.HelloRequest;
import io.crij.monitor.v1.KeepRequest;
import io.crij.monitor.v1.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that a monitor runs and that we are connected to it: connects, starts one where none
 * answers, gives it the descriptors kept for its predecessor, and begins again when the connection
 * ends. One platform thread.
 */
final class MonitorSupervisor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MonitorSupervisor.class);
  private static final Duration HANDSHAKE = Duration.ofSeconds(30);
  private static final Duration LISTENS_WITHIN = Duration.ofSeconds(30);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(10);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  private final Path socket;
  private final MonitorProcess process;
  private final KeptDescriptors kept;
  private final MonitorConnection.Listener listener;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable MonitorConnection current;
  private boolean closed;
  private volatile boolean ending;
  private @Nullable MonitorInfo info;
  private String failure = "";

  // Of the thread alone.
  private @Nullable ChildProcess child;

  MonitorSupervisor(
      Path socket,
      MonitorProcess process,
      KeptDescriptors kept,
      MonitorConnection.Listener listener) {
    this.socket = socket;
    this.process = process;
    this.kept = kept;
    this.listener = listener;
    this.thread = Thread.ofPlatform().name("monitor-supervisor").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /**
   * The connection to a monitor that is ready.
   *
   * @return null when there is none within {@code timeout}
   */
  @Nullable MonitorConnection connection(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lock();
    try {
      while (current == null && !closed && left > 0) {
        left = changed.awaitNanos(left);
      }
      return current;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    while (!isClosed()) {
      try (MonitorConnection connection = connect()) {
        handshake(connection);
        publish(connection);
        connection.awaitEnd();
      } catch (InterruptedException _) {
        break;
      } catch (MonitorFailure | ConnectionLost | TimeoutException | RuntimeException e) {
        log.error("the monitor is not there: {}", e.getMessage());
        setFailure(String.valueOf(e.getMessage()));
        pause(PAUSE_AFTER_FAILURE);
      } finally {
        publish(null);
      }
      if (!isClosed()) {
        log.warn("the monitor's connection ended; connecting again");
      }
    }
    reap();
  }

  /** A child of ours that was asked to end must not stay a zombie; another goes on. */
  private void reap() {
    ChildProcess running = child;
    if (running != null) {
      running.await(ending ? ENDS_WITHIN : Duration.ZERO);
      running.close();
    }
  }

  private MonitorConnection connect() throws TimeoutException, InterruptedException {
    long deadline = System.nanoTime() + LISTENS_WITHIN.toNanos();
    boolean started = false;
    while (System.nanoTime() < deadline) {
      try {
        return MonitorConnection.open(socket, listener);
      } catch (LinuxException e) {
        if (e.errno() != Errno.ENOENT && e.errno() != Errno.ECONNREFUSED) {
          throw e;
        }
      }
      if (child == null || childEnded(child)) {
        if (started) {
          // One that cannot start must not be started a hundred times a second.
          Thread.sleep(PAUSE_AFTER_FAILURE);
        }
        child = process.start();
        started = true;
      }
      Thread.sleep(POLL);
    }
    throw new TimeoutException("it does not listen at " + socket);
  }

  /** Takes its exit status then, so that it is no zombie. */
  private static boolean childEnded(ChildProcess child) {
    if (child.await(Duration.ZERO) == null) {
      return false;
    }
    child.close();
    return true;
  }

  private void handshake(MonitorConnection connection)
      throws MonitorFailure, ConnectionLost, TimeoutException, InterruptedException {
    HelloReply hello =
        connection
            .call(
                Request.newBuilder().setHello(HelloRequest.getDefaultInstance()),
                List.of(),
                HANDSHAKE)
            .getHello();
    MonitorInfo found = new MonitorInfo(hello.getVersion(), hello.getPid(), hello.getInstance());
    if (!found.equals(info())) {
      log.info("connected to monitor {}, process {}", found.version(), found.pid());
      for (KeptDescriptors.Container container : kept.all()) {
        adopt(connection, container);
      }
      setInfo(found);
    }
    connection.call(
        Request.newBuilder().setKeep(KeepRequest.getDefaultInstance()), List.of(), HANDSHAKE);
  }

  private static void adopt(MonitorConnection connection, KeptDescriptors.Container container)
      throws ConnectionLost, TimeoutException, InterruptedException {
    List<Fd> descriptors = container.descriptors();
    try {
      connection.call(
          Request.newBuilder()
              .setAdopt(
                  AdoptRequest.newBuilder()
                      .setRecord(container.record())
                      .addAllFds(container.kinds())),
          descriptors,
          HANDSHAKE);
    } catch (MonitorFailure e) {
      // The others are given back all the same.
      log.error(
          "container {}: the monitor does not take it over: {}",
          container.record().getConfig().getContainerId(),
          e.getMessage());
    }
  }

  /** The monitor of the last connection; null before the first. */
  @Nullable MonitorInfo info() {
    lock.lock();
    try {
      return info;
    } finally {
      lock.unlock();
    }
  }

  /** Why there was no monitor when it was last looked for; empty if there was. */
  String failure() {
    lock.lock();
    try {
      return failure;
    } finally {
      lock.unlock();
    }
  }

  private void setFailure(String message) {
    lock.lock();
    try {
      failure = message;
    } finally {
      lock.unlock();
    }
  }

  private void setInfo(MonitorInfo found) {
    lock.lock();
    try {
      info = found;
    } finally {
      lock.unlock();
    }
  }

  /** From now on, or not, a monitor that ends stays ended. */
  void expectEnd(boolean expected) {
    lock.lock();
    try {
      closed = expected;
      ending = expected;
    } finally {
      lock.unlock();
    }
  }

  private void publish(@Nullable MonitorConnection connection) {
    lock.lock();
    try {
      current = connection;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private static void pause(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Leaves the monitor running. */
  @Override
  public void close() {
    MonitorConnection open;
    lock.lock();
    try {
      closed = true;
      open = current;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (open != null) {
      open.close();
    }
    thread.interrupt();
    try {
      thread.join(HANDSHAKE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
