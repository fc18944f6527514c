package io.crij.monitor.container;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.cgroup.CgroupFolder;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.FileStatus;
import io.crij.linux.io.NativeBuffer;
import io.crij.linux.io.Pipe;
import io.crij.linux.process.ProcessTree;
import io.crij.linux.process.Signals;
import io.crij.linux.process.Stdio;
import io.crij.monitor.cgroup.ContainerCgroup;
import io.crij.monitor.figures.LogFigures;
import io.crij.monitor.log.ContainerLog;
import io.crij.monitor.log.LogSettings;
import io.crij.monitor.log.PipeBudget;
import io.crij.monitor.runtime.Children;
import io.crij.monitor.runtime.ConsoleSocket;
import io.crij.monitor.runtime.OciRuntimeCall;
import io.crij.monitor.runtime.OciRuntimeFailure;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.FdKind;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Has the OCI runtime create a container with streams of ours. Blocks; for platform threads. */
public final class Create {
  private static final Duration DEFAULT_LIMIT = Duration.ofMinutes(4);
  private static final int MAX_ERROR_BYTES = 8 * 1024;
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final RunDirectory directory;
  private final OciRuntimeCall runtime;
  private final Children children;
  private final LogFigures figures;

  public Create(
      RunDirectory directory, OciRuntimeCall runtime, Children children, LogFigures figures) {
    this.figures = figures;
    this.directory = directory;
    this.runtime = runtime;
    this.children = children;
  }

  /** A container that was just created, with all that has to be held of it. */
  public record Created(ContainerRecord record, ContainerLog log, HeldDescriptors descriptors) {}

  /** The container's ends of its streams, and ours. */
  private record Streams(Stdio container, HeldDescriptors ours, @Nullable ConsoleSocket console)
      implements AutoCloseable {
    /** Closes the container's ends, which it has by now. */
    @Override
    public void close() {
      container.in().close();
      container.out().close();
      container.err().close();
      if (console != null) {
        console.close();
      }
    }
  }

  /**
   * Creates the container. Its record is on disk when this returns; after a failure nothing is left
   * of it.
   */
  public Created create(CreateRequest request) throws OciRuntimeFailure {
    BundleFiles files = new BundleFiles(Path.of(request.getBundle()));
    files.delete();
    directory.writeIntent(request);
    try {
      return create(request, files);
    } finally {
      // It has a record by now, or nothing is left of it.
      directory.deleteIntent(request.getContainerId());
    }
  }

  private Created create(CreateRequest request, BundleFiles files) throws OciRuntimeFailure {
    ContainerLog log =
        ContainerLog.open(LogSettings.of(request.getLog()), files.journal().toString(), figures);
    try {
      Streams streams = open(request, files);
      try (streams) {
        return new Created(call(request, files, streams), log, streams.ours());
      } catch (OciRuntimeFailure | RuntimeException e) {
        streams.ours().close();
        throw e;
      }
    } catch (OciRuntimeFailure | RuntimeException e) {
      log.discard();
      files.delete();
      throw e;
    }
  }

  private ContainerRecord call(CreateRequest request, BundleFiles files, Streams streams)
      throws OciRuntimeFailure {
    try {
      OciRuntimeCall.Started init =
          runtime.start(invocation(request, files, streams), limit(request));
      return record(request, init, streams);
    } catch (OciRuntimeFailure e) {
      String said = e.runtimeMessage().isEmpty() ? text(streams.ours()) : e.runtimeMessage();
      remove(request, files);
      throw e.saying(said);
    }
  }

  private void remove(CreateRequest request, BundleFiles files) {
    runtime.delete(request.getRuntime(), request.getContainerId(), files.runtimeLog());
    // A runtime that was killed may not have come so far as to know its own container.
    ContainerCgroup.clear(request.getCgroupPath());
  }

  /** Removes what the last monitor was about to create when it died. */
  public void undo(CreateRequest request) {
    BundleFiles files = new BundleFiles(Path.of(request.getBundle()));
    ProcessTree.withOption(OciRuntimeCall.PID_FILE, files.pidFile().toString())
        .forEach(ProcessTree::kill);
    remove(request, files);
    files.delete();
    directory.deleteIntent(request.getContainerId());
  }

  private static OciRuntimeCall.Invocation invocation(
      CreateRequest request, BundleFiles files, Streams streams) {
    List<String> verb = new ArrayList<>(List.of("create", "--bundle", request.getBundle()));
    if (streams.console() != null) {
      verb.addAll(List.of("--console-socket", streams.console().path()));
    }
    verb.addAll(request.getCreateArgsList());
    return new OciRuntimeCall.Invocation(
        request.getRuntime(),
        verb,
        request.getContainerId(),
        files.runtimeLog(),
        files.pidFile(),
        streams.container());
  }

  private static Duration limit(CreateRequest request) {
    long millis = request.getTimeoutMillis();
    return millis > 0 ? Duration.ofMillis(millis) : DEFAULT_LIMIT;
  }

  private ContainerRecord record(
      CreateRequest request, OciRuntimeCall.Started init, Streams streams) {
    HeldDescriptors ours = streams.ours();
    ours.put(FdKind.FD_KIND_PIDFD, init.pidfd().fd());
    try {
      ContainerRecord.Builder record =
          ContainerRecord.newBuilder()
              .setConfig(request)
              .setPid(init.id().pid())
              .setStartTimeTicks(init.id().startTimeTicks())
              .setPidfdInode(init.pidfd().inode())
              .setCreatedAtNanos(nowNanos())
              .setCgroupBelow(CgroupFolder.below(request.getCgroupPath(), init.id().pid()));
      if (streams.console() != null) {
        ours.put(FdKind.FD_KIND_TTY, streams.console().takeMaster());
      } else {
        record
            .setStdoutInode(FileStatus.of(streams.container().out()).inode())
            .setStderrInode(FileStatus.of(streams.container().err()).inode());
      }
      ContainerRecord built = record.build();
      directory.writeState(built);
      return built;
    } catch (RuntimeException e) {
      init.pidfd().signal(Signals.SIGKILL);
      remove(request, new BundleFiles(Path.of(request.getBundle())));
      children.reaped(init.id().pid());
      throw e;
    }
  }

  private static long nowNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * SECOND_NANOS + now.getNano();
  }

  private static Streams open(CreateRequest request, BundleFiles files) {
    HeldDescriptors ours = new HeldDescriptors();
    List<Fd> theirs = new ArrayList<>();
    try {
      return open(request, files, ours, theirs);
    } catch (LinuxException | UncheckedIOException e) {
      ours.close();
      theirs.forEach(Fd::close);
      throw e;
    }
  }

  /**
   * Opens them.
   *
   * @param ours gets our ends as they are opened
   * @param theirs gets the container's
   */
  private static Streams open(
      CreateRequest request, BundleFiles files, HeldDescriptors ours, List<Fd> theirs) {
    if (request.getTty()) {
      Fd nothing = nothing(theirs);
      ConsoleSocket console = ConsoleSocket.bind(files.bundle(), BundleFiles.CONSOLE_SOCKET);
      return new Streams(Stdio.all(nothing), ours, console);
    }
    Fd in = request.getStdin() ? stdin(request, ours, theirs) : nothing(theirs);
    Fd out = output(request, ours, theirs, FdKind.FD_KIND_STDOUT);
    Fd err = output(request, ours, theirs, FdKind.FD_KIND_STDERR);
    return new Streams(new Stdio(in, out, err), ours, null);
  }

  private static Fd nothing(List<Fd> theirs) {
    Fd nothing = Fd.open("/dev/null", Fd.O_RDWR, 0);
    theirs.add(nothing);
    return nothing;
  }

  private static Fd stdin(CreateRequest request, HeldDescriptors ours, List<Fd> theirs) {
    Pipe pipe = Pipe.open();
    ours.put(FdKind.FD_KIND_STDIN, pipe.write());
    // The container expects to wait for its input.
    try (Fd read = pipe.read()) {
      Descriptors.setNonBlocking(pipe.write());
      Fd blocking = Descriptors.reopen(read, Fd.O_RDONLY);
      theirs.add(blocking);
      Descriptors.chown(blocking, request.getStreamUid(), request.getStreamGid());
      return blocking;
    }
  }

  private static Fd output(
      CreateRequest request, HeldDescriptors ours, List<Fd> theirs, FdKind kind) {
    Pipe pipe = PipeBudget.open();
    ours.put(kind, pipe.read());
    theirs.add(pipe.write());
    Descriptors.chown(pipe.write(), request.getStreamUid(), request.getStreamGid());
    return pipe.write();
  }

  /** What a runtime without a log of its own has said on its stderr, which is the container's. */
  private static String text(HeldDescriptors ours) {
    Fd stderr = ours.take(FdKind.FD_KIND_STDERR);
    if (stderr == null) {
      return "";
    }
    try (stderr) {
      NativeBuffer buffer = NativeBuffer.allocate(MAX_ERROR_BYTES);
      byte[] bytes = new byte[Math.max(0, Descriptors.read(stderr, buffer, 0, MAX_ERROR_BYTES))];
      buffer.bytes().get(0, bytes);
      return new String(bytes, StandardCharsets.UTF_8).strip();
    } catch (LinuxException _) {
      return "";
    }
  }
}
