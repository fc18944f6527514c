package io.crij.runtime.monitor;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.process.ChildProcess;
import io.crij.monitor.v1.FromMonitor;
import java.nio.file.Files;
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
 * answers, gives it the descriptors kept for its predecessor, asks it now and then whether it still
 * answers, and begins again when the connection ends: the kernel ends it as it ends the process, so
 * that is noticed at once. One platform thread.
 */
final class MonitorSupervisor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MonitorSupervisor.class);
  private static final Duration HANDSHAKE = Duration.ofSeconds(30);

  /** For a service manager to start it, where one does. */
  private static final Duration SERVICE_STARTS_WITHIN = Duration.ofSeconds(15);

  private static final Duration LISTENS_WITHIN = Duration.ofSeconds(30);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(10);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  private final Path socket;
  private final MonitorProcess process;
  private final KeptDescriptors kept;
  private final OpenStreams streams;
  private final MonitorConnection.Listener listener;
  private final Pulse.Limits limits;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable MonitorConnection current;
  private boolean closed;
  private volatile boolean ending;
  private @Nullable MonitorInfo info;
  private String failure = "";
  private volatile Runnable onReplaced = () -> {};

  // Of the thread alone.
  private @Nullable ChildProcess child;

  MonitorSupervisor(
      Path socket,
      MonitorProcess process,
      KeptDescriptors kept,
      OpenStreams streams,
      MonitorConnection.Listener listener,
      Pulse.Limits limits) {
    this.limits = limits;
    this.socket = socket;
    this.process = process;
    this.kept = kept;
    this.streams = streams;
    this.listener = listener;
    this.thread = Thread.ofPlatform().name("monitor-supervisor").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Who is told, from now on, that another program is in the monitor's place. */
  void whenReplaced(Runnable action) {
    onReplaced = action;
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
        Pulse pulse = new Pulse(connection, limits);
        awaitFirst(pulse);
        handshake(connection);
        publish(connection);
        watch(connection, pulse);
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

  /** One that was silent before we came is asked until it answers, or has been killed. */
  private void awaitFirst(Pulse pulse) throws ConnectionLost, InterruptedException {
    while (!isClosed() && !pulse.beats()) {
      silent(pulse);
    }
  }

  /** Until the connection ends; a silent monitor is not given to callers. */
  private void watch(MonitorConnection connection, Pulse pulse) throws InterruptedException {
    boolean answers = true;
    while (!connection.awaitEnd(Pulse.INTERVAL)) {
      boolean answered = answers;
      try {
        answers = pulse.beats();
      } catch (ConnectionLost _) {
        return;
      }
      if (!answers) {
        silent(pulse);
      } else if (!answered) {
        log.info("the monitor answers again");
        publish(connection);
      }
    }
  }

  private void silent(Pulse pulse) {
    log.error("{}", pulse.silence());
    // Before it is gone for callers, who ask why.
    setFailure(pulse.silence());
    publish(null);
    pulse.killIfSilent();
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
    long begin = System.nanoTime();
    boolean started = false;
    while (System.nanoTime() - begin < LISTENS_WITHIN.toNanos()) {
      try {
        return MonitorConnection.open(socket, this::received);
      } catch (LinuxException e) {
        if (e.errno() != Errno.ENOENT && e.errno() != Errno.ECONNREFUSED) {
          throw e;
        }
      }
      if ((child == null || childEnded(child)) && !isServiceToStart(begin)) {
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

  /**
   * Whether the last monitor was started by a service manager, which may still start the next: that
   * gets back what the manager has kept.
   */
  private boolean isServiceToStart(long begin) {
    return System.nanoTime() - begin < SERVICE_STARTS_WITHIN.toNanos()
        && Files.exists(socket.resolveSibling("service"));
  }

  private void received(FromMonitor message, List<Fd> descriptors) {
    if (message.hasUpgraded()) {
      // The connection goes on, and the new program is our keeper and kept as the old one was.
      MonitorInfo now = MonitorInfo.of(message.getUpgraded().getNow());
      log.info("monitor process {} is version {} now", now.pid(), now.version());
      setInfo(now);
      // Not on this thread, which receives the replies.
      Thread.ofVirtual().name("resume-sessions").start(this::resumeSessions);
      onReplaced.run();
    }
    listener.received(message, descriptors);
  }

  private void resumeSessions() {
    try {
      MonitorConnection connection = connection(HANDSHAKE);
      if (connection != null) {
        streams.upgraded(connection);
      }
    } catch (ConnectionLost | TimeoutException e) {
      // Else done again with the next connection.
      log.warn("sessions are not resumed: {}", e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
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
    Handshake handshake = new Handshake(connection);
    MonitorInfo found = handshake.hello(HANDSHAKE);
    boolean replaced = !found.equals(info());
    if (replaced) {
      log.info("connected to monitor {}, process {}", found.version(), found.pid());
      handshake.handBack(kept.all());
      setInfo(found);
    }
    handshake.keep();
    streams.connected(connection);
    if (replaced) {
      onReplaced.run();
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
      if (connection != null) {
        failure = "";
      }
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
