package io.crij.monitor.exec;

import com.google.protobuf.ByteString;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.Pipe;
import io.crij.linux.io.Terminal;
import io.crij.linux.process.Stdio;
import io.crij.monitor.cgroup.ContainerCgroup;
import io.crij.monitor.runtime.ConsoleSocket;
import io.crij.monitor.runtime.OciRuntimeFailure;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.ExecRequest;
import io.crij.monitor.v1.FdKind;
import io.crij.monitor.v1.SessionRecord;
import io.crij.monitor.v1.TerminalSize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Executes a process in a container whose streams the client moves itself. */
public final class Exec {
  private static final Duration LONGEST_START = Duration.ofMinutes(4);

  private final ExecParts parts;
  private final Sessions sessions;
  private final Fd nothing = Fd.open("/dev/null", Fd.O_RDWR, 0);

  public Exec(ExecParts parts, Sessions sessions) {
    this.parts = parts;
    this.sessions = sessions;
  }

  /** Told once, on the loop's thread, how a call went; then of the process's end. */
  public interface Outcome extends SessionOwner {
    /**
     * It runs.
     *
     * @param descriptors the client's; owned by the callee
     */
    void started(int pid, List<FdKind> kinds, List<Fd> descriptors);

    /** It did not start. */
    void failed(OciRuntimeFailure failure);

    /** It did not start, for a reason of ours. */
    void failed(RuntimeException failure);
  }

  /** The process's ends of its streams, and the client's. */
  private static final class Streams implements AutoCloseable {
    final List<Fd> process = new ArrayList<>();
    final List<FdKind> kinds = new ArrayList<>();
    final List<Fd> client = new ArrayList<>();
    @Nullable ConsoleSocket console;

    void give(FdKind kind, Fd fd) {
      kinds.add(kind);
      client.add(fd);
    }

    /** Closes the process's ends, which it has by now. */
    @Override
    public void close() {
      process.forEach(Fd::close);
      if (console != null) {
        console.close();
      }
    }
  }

  /**
   * Begins the call, on the loop's thread.
   *
   * @return false if the session's name is taken
   * @throws java.util.concurrent.RejectedExecutionException when too many wait already
   */
  public boolean exec(ContainerRecord container, ExecRequest request, Outcome outcome) {
    String id = request.getSessionId();
    if (!sessions.claim(id)) {
      return false;
    }
    try {
      parts.workers().execute(() -> start(container, request, outcome));
      return true;
    } catch (RejectedExecutionException e) {
      sessions.release(id);
      throw e;
    }
  }

  private void start(ContainerRecord container, ExecRequest request, Outcome outcome) {
    try (Streams streams = new Streams()) {
      try {
        Stdio stdio = open(request, streams);
        RunningProcess process =
            parts
                .call()
                .start(
                    new ExecCall.Order(
                        container.getConfig().getRuntime(),
                        record(container, request),
                        process(request)),
                    new ExecCall.Streams(stdio, streams.console),
                    limit(request));
        Fd master = takeMaster(request, streams, process);
        parts.loop().execute(() -> started(process, master, streams, outcome));
      } catch (OciRuntimeFailure e) {
        streams.client.forEach(Fd::close);
        parts.loop().execute(() -> failed(request, () -> outcome.failed(e)));
      } catch (RuntimeException e) {
        streams.client.forEach(Fd::close);
        parts.loop().execute(() -> failed(request, () -> outcome.failed(e)));
      }
    }
  }

  private void started(
      RunningProcess process, @Nullable Fd master, Streams streams, Outcome outcome) {
    // First, so that its end is told after the reply.
    outcome.started(process.record().getPid(), streams.kinds, streams.client);
    sessions.add(process, master, outcome);
    outcome.owns();
  }

  private void failed(ExecRequest request, Runnable reply) {
    sessions.release(request.getSessionId());
    reply.run();
  }

  private Stdio open(ExecRequest request, Streams streams) {
    if (request.getTty()) {
      streams.console =
          ConsoleSocket.bind(parts.files().folder(), request.getSessionId().substring(0, 32));
      return Stdio.all(nothing);
    }
    Fd in = request.getStdin() ? stdin(request, streams) : nothing;
    Fd out = output(FdKind.FD_KIND_STDOUT, request, streams);
    Fd err = output(FdKind.FD_KIND_STDERR, request, streams);
    return new Stdio(in, out, err);
  }

  private static Fd stdin(ExecRequest request, Streams streams) {
    Pipe pipe = Pipe.open();
    streams.give(FdKind.FD_KIND_STDIN, pipe.write());
    // The process expects to wait for its input.
    try (Fd read = pipe.read()) {
      Fd blocking = Descriptors.reopen(read, Fd.O_RDONLY);
      streams.process.add(blocking);
      Descriptors.chown(blocking, request.getStreamUid(), request.getStreamGid());
      return blocking;
    }
  }

  // Plain pipes, not lasting ones: a process whose output nobody will read had better end.
  private static Fd output(FdKind kind, ExecRequest request, Streams streams) {
    Pipe pipe = Pipe.open();
    streams.give(kind, pipe.read());
    streams.process.add(pipe.write());
    Descriptors.chown(pipe.write(), request.getStreamUid(), request.getStreamGid());
    return pipe.write();
  }

  private @Nullable Fd takeMaster(ExecRequest request, Streams streams, RunningProcess process) {
    try {
      return master(request, streams);
    } catch (LinuxException e) {
      process.abandon(parts.children());
      throw e;
    }
  }

  /** Takes the master, of which the client gets a copy; null without a terminal. */
  private static @Nullable Fd master(ExecRequest request, Streams streams) {
    ConsoleSocket console = streams.console;
    if (console == null) {
      return null;
    }
    Fd master = console.takeMaster();
    try {
      if (request.hasSize()) {
        Terminal.resize(master, request.getSize().getRows(), request.getSize().getColumns());
      }
      streams.give(FdKind.FD_KIND_TTY, Descriptors.duplicate(master));
      return master;
    } catch (LinuxException e) {
      master.close();
      throw e;
    }
  }

  private static SessionRecord record(ContainerRecord container, ExecRequest request) {
    return SessionRecord.newBuilder()
        .setName(request.getSessionId())
        .setContainerId(container.getConfig().getContainerId())
        .setContainerCgroupPath(ContainerCgroup.ofProcess(container))
        .setHangupGraceMillis(request.getHangupGraceMillis())
        .setKeep(request.getKeep())
        .build();
  }

  /** With the terminal's size, so that the process never sees it without. */
  private static ByteString process(ExecRequest request) {
    ByteString process = request.getProcess();
    TerminalSize size = request.getSize();
    boolean isObject = !process.isEmpty() && process.byteAt(0) == '{';
    if (!request.getTty() || !isObject || size.getRows() == 0 || size.getColumns() == 0) {
      return process;
    }
    String consoleSize =
        "{\"consoleSize\":{\"height\":" + size.getRows() + ",\"width\":" + size.getColumns() + "},";
    return ByteString.copyFromUtf8(consoleSize).concat(process.substring(1));
  }

  private static Duration limit(ExecRequest request) {
    long millis = request.getStartTimeoutMillis();
    return millis > 0 ? Duration.ofMillis(millis) : LONGEST_START;
  }
}
