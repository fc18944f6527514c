package io.crij.runtime.monitor;

import io.crij.linux.Fd;
import io.crij.monitor.v1.DetachReason;
import io.crij.monitor.v1.FdKind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A client's streams of a container. They end with the container, or with the monitor. */
public final class MonitorAttachment implements AutoCloseable {
  private final String id;
  private final String containerId;
  private final MonitorStreams monitor;
  private final Map<FdKind, Fd> streams = new EnumMap<>(FdKind.class);
  private final CompletableFuture<DetachReason> end = new CompletableFuture<>();

  MonitorAttachment(String id, String containerId, MonitorStreams monitor) {
    this.id = id;
    this.containerId = containerId;
    this.monitor = monitor;
  }

  void started(List<FdKind> kinds, List<Fd> descriptors) {
    for (int i = 0; i < descriptors.size(); i++) {
      streams.put(kinds.get(i), descriptors.get(i));
    }
  }

  void ended(DetachReason reason) {
    end.complete(reason);
  }

  void lost() {
    end.complete(DetachReason.DETACH_REASON_UNSPECIFIED);
  }

  String id() {
    return id;
  }

  /**
   * The writing end of stdin, or of a terminal the master, which is to be written to only; and the
   * reading ends of stdout and stderr; all {@code O_NONBLOCK}.
   *
   * @return null for a stream that was not asked for, or that the container does not have
   */
  public @Nullable Fd find(FdKind kind) {
    return streams.get(kind);
  }

  /** Completed when the monitor has ended it; {@code UNSPECIFIED} when the monitor died. */
  public CompletableFuture<DetachReason> end() {
    return end;
  }

  /** The half close: with stdin_once the container sees the end of its stdin. */
  public void closeStdin() throws MonitorFailure {
    Fd stdin = find(FdKind.FD_KIND_STDIN);
    if (stdin != null) {
      stdin.close();
      monitor.closeStdin(containerId);
    }
  }

  /** Detaches; with stdin_once this closes the container's stdin, if it was attached to it. */
  @Override
  public void close() throws MonitorFailure {
    streams.values().forEach(Fd::close);
    monitor.detach(this);
    if (find(FdKind.FD_KIND_STDIN) != null) {
      // Once more, should the monitor have died and forgotten who was attached.
      monitor.closeStdin(containerId);
    }
  }
}
