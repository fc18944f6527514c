package io.crij.monitor.container;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Epoll;
import io.crij.linux.io.Terminal;
import io.crij.linux.process.ExitStatus;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessId;
import io.crij.monitor.attach.StreamTap;
import io.crij.monitor.cgroup.OomWatch;
import io.crij.monitor.framing.OutputStreamKind;
import io.crij.monitor.log.ContainerLog;
import io.crij.monitor.log.LoggedPipe;
import io.crij.monitor.log.LoggedStream;
import io.crij.monitor.log.LoggedTerminal;
import io.crij.monitor.log.StreamBuffers;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.Watch;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.Exited;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.HandedContainer;
import io.crij.monitor.v1.HandedDescriptor;
import io.crij.monitor.v1.StdinState;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A container with all that is held of it; to be used on the loop's thread. */
public final class Container implements AutoCloseable {
  private ContainerRecord record;
  private final ContainerLog log;
  private final EventLoop loop;
  private final StreamBuffers buffers;
  private final Listener listener;
  private final Map<FdKind, LoggedStream> streams = new EnumMap<>(FdKind.class);
  private @Nullable Fd stdin;
  private @Nullable Pidfd pidfd;
  private @Nullable Watch endWatch;
  private @Nullable OomWatch oom;
  private @Nullable Exited exited;
  private int stdinClients;

  /** Told what the kernel does to it. */
  interface Listener {
    /** Its process has ended. */
    void ended(Container container);

    /** The kernel has killed processes of it for want of memory: so many up to now. */
    void outOfMemory(Container container, long kills);
  }

  /**
   * Takes a container over.
   *
   * @param listener told from the time on when its process is known
   */
  Container(
      ContainerRecord record,
      ContainerLog log,
      EventLoop loop,
      StreamBuffers buffers,
      Listener listener) {
    this.record = record;
    this.log = log;
    this.loop = loop;
    this.buffers = buffers;
    this.listener = listener;
  }

  public String id() {
    return record.getConfig().getContainerId();
  }

  public ContainerRecord record() {
    return record;
  }

  /** How it ended; null while it lives. */
  public @Nullable Exited exited() {
    return exited;
  }

  ProcessId processId() {
    return new ProcessId(record.getPid(), record.getStartTimeTicks());
  }

  /** Takes those descriptors that are missing, and begins to log and to wait. */
  void attach(HeldDescriptors held) {
    for (FdKind kind : outputs()) {
      Fd fd = streams.containsKey(kind) ? null : held.take(kind);
      if (fd != null) {
        streams.put(kind, stream(kind, fd));
      }
    }
    if (stdin == null && record.getStdinState() != StdinState.STDIN_STATE_CLOSED) {
      stdin = held.take(FdKind.FD_KIND_STDIN);
    }
    if (pidfd == null) {
      attachProcess(held.take(FdKind.FD_KIND_PIDFD));
    }
  }

  private void attachProcess(@Nullable Fd fd) {
    if (fd != null) {
      pidfd = Pidfd.owning(fd);
      // Level-triggered: it stays readable, and is asked for once.
      endWatch = loop.watch(fd, Epoll.IN, _ -> ended());
      oom =
          OomWatch.open(
              record.getConfig().getCgroupPath(), loop, kills -> listener.outOfMemory(this, kills));
    }
  }

  private void ended() {
    if (endWatch != null) {
      endWatch.close();
      endWatch = null;
    }
    listener.ended(this);
  }

  private List<FdKind> outputs() {
    return record.getConfig().getTty()
        ? List.of(FdKind.FD_KIND_TTY)
        : List.of(FdKind.FD_KIND_STDOUT, FdKind.FD_KIND_STDERR);
  }

  private LoggedStream stream(FdKind kind, Fd fd) {
    if (kind == FdKind.FD_KIND_TTY) {
      return new LoggedTerminal(fd, log, loop, buffers);
    }
    OutputStreamKind output =
        kind == FdKind.FD_KIND_STDOUT ? OutputStreamKind.STDOUT : OutputStreamKind.STDERR;
    return new LoggedPipe(fd, output, log, loop, buffers);
  }

  /** Whether no descriptor is missing that a keeper might have. */
  boolean isComplete() {
    return pidfd != null && streams.keySet().containsAll(outputs());
  }

  /** Whether its process has ended, as far as its descriptors tell. */
  boolean hasEnded() {
    Pidfd process = pidfd;
    return process == null ? !processId().isAlive() : process.hasEnded();
  }

  /** Takes the exit status; null if nobody can know it any more. */
  @Nullable ExitStatus exitStatus() {
    Pidfd process = pidfd;
    if (process == null) {
      return null;
    }
    try {
      return process.reap();
    } catch (LinuxException e) {
      if (e.errno() != Errno.ECHILD) {
        throw e;
      }
      // Not our child: it was that of the monitor before us.
      return process.exitStatus(processId());
    }
  }

  /** Logs all that is in its streams now. */
  void drain() {
    streams.values().forEach(LoggedStream::drainNow);
  }

  /** Whether the kernel has killed any process of it for want of memory. */
  boolean sawOomKill() {
    return oom != null && oom.sawKills();
  }

  void exited(Exited how) {
    exited = how;
    if (oom != null) {
      oom.close();
    }
    // Others may hold its streams for long, but they are not the container.
    streams.values().forEach(stream -> stream.tap().end());
  }

  /** Where its output of this kind can be seen; null if it is not to be had. */
  @Nullable StreamTap tap(FdKind kind) {
    LoggedStream stream = streams.get(kind);
    return stream == null || stream.isEnded() ? null : stream.tap();
  }

  /** Where its input is written: the writing end of a pipe, or the master; null if it has none. */
  @Nullable Fd input() {
    LoggedStream terminal = streams.get(FdKind.FD_KIND_TTY);
    return terminal == null || terminal.isEnded() ? stdin : terminal.fd();
  }

  /** One client more, or less, is attached to its stdin; how many there are then. */
  int stdinClients(int change) {
    stdinClients += change;
    return stdinClients;
  }

  /** Notes how far its stdin has come; from {@code CLOSED} on it has none. */
  void stdin(StdinState state) {
    record = record.toBuilder().setStdinState(state).build();
    if (state == StdinState.STDIN_STATE_CLOSED && stdin != null) {
      stdin.close();
      stdin = null;
    }
  }

  /**
   * Sets the size of its terminal.
   *
   * @throws IllegalArgumentException when it has none, or for a size that cannot be
   */
  public void resize(int rows, int columns) {
    LoggedStream terminal = streams.get(FdKind.FD_KIND_TTY);
    if (terminal == null || terminal.isEnded()) {
      throw new IllegalArgumentException("container " + id() + " has no terminal");
    }
    Terminal.resize(terminal.fd(), rows, columns);
  }

  /** Opens the log's path again. */
  public void reopenLog() {
    log.reopen();
  }

  /** The descriptors that a second keeper should have, by kind; still owned by this. */
  public Map<FdKind, Fd> toKeep() {
    Map<FdKind, Fd> all = new EnumMap<>(FdKind.class);
    streams.forEach((kind, stream) -> {
      if (!stream.isEnded()) {
        all.put(kind, stream.fd());
      }
    });
    if (stdin != null) {
      all.put(FdKind.FD_KIND_STDIN, stdin);
    }
    if (pidfd != null) {
      all.put(FdKind.FD_KIND_PIDFD, pidfd.fd());
    }
    return all;
  }

  /** All that is held of it, for the next program in this process. */
  HandedContainer handOver() {
    HandedContainer.Builder handed = HandedContainer.newBuilder().setRecord(record);
    toKeep()
        .forEach((kind, fd) ->
            handed.addDescriptors(
                HandedDescriptor.newBuilder().setKind(kind).setNumber(fd.number())));
    return handed.build();
  }

  @Override
  public void close() {
    if (endWatch != null) {
      endWatch.close();
      endWatch = null;
    }
    streams.values().forEach(LoggedStream::close);
    if (stdin != null) {
      stdin.close();
    }
    if (pidfd != null) {
      pidfd.close();
    }
    if (oom != null) {
      oom.close();
    }
    log.close();
  }
}
