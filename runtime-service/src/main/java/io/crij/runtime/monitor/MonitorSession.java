package io.crij.runtime.monitor;

import io.crij.linux.Fd;
import io.crij.linux.io.Terminal;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.SessionEnded;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A process executed in a container whose streams are moved here. It goes on when the monitor is
 * started anew, and is hung up when this is closed, or this program ends.
 */
public final class MonitorSession implements AutoCloseable {
  private static final int UNKNOWN_CODE = 255;
  private static final String MONITOR_LOST = "MonitorLost";

  private final String id;
  private final MonitorStreams monitor;
  private final Map<FdKind, Fd> streams = new EnumMap<>(FdKind.class);
  private final CompletableFuture<SessionEnded> end = new CompletableFuture<>();
  private volatile boolean started;

  MonitorSession(String id, MonitorStreams monitor) {
    this.id = id;
    this.monitor = monitor;
  }

  void started(List<FdKind> kinds, List<Fd> descriptors) {
    for (int i = 0; i < descriptors.size(); i++) {
      streams.put(kinds.get(i), descriptors.get(i));
    }
    started = true;
  }

  boolean isStarted() {
    return started;
  }

  void ended(SessionEnded how) {
    end.complete(how);
  }

  /** How a session ends of which nobody knows any more. */
  static SessionEnded lost(String id) {
    return SessionEnded.newBuilder()
        .setSessionId(id)
        .setExitCode(UNKNOWN_CODE)
        .setReason(MONITOR_LOST)
        .build();
  }

  public String id() {
    return id;
  }

  /**
   * The writing end of stdin, the reading ends of stdout and stderr ({@code O_NONBLOCK}), or the
   * terminal's master. May be closed at any time: closing stdin is the half close.
   *
   * @return null for a stream it does not have
   */
  public @Nullable Fd find(FdKind kind) {
    return streams.get(kind);
  }

  /** Completed with exit code and signal when the process has ended; never exceptionally. */
  public CompletableFuture<SessionEnded> end() {
    return end;
  }

  /** Sets the terminal's size, in characters. */
  public void resize(int rows, int columns) {
    Fd terminal = find(FdKind.FD_KIND_TTY);
    if (terminal == null) {
      throw new IllegalArgumentException("session " + id + " has no terminal");
    }
    Terminal.resize(terminal, rows, columns);
  }

  /** Its client is gone: SIGHUP, and after the request's grace SIGKILL to all that is left. */
  public void hangUp() throws MonitorFailure {
    monitor.endSession(id, false);
  }

  /** SIGKILL to all of it at once. */
  public void kill() throws MonitorFailure {
    monitor.endSession(id, true);
  }

  /** Closes the streams; hangs up if it has not ended. */
  @Override
  public void close() throws MonitorFailure {
    streams.values().forEach(Fd::close);
    if (!end.isDone()) {
      hangUp();
    }
  }
}
