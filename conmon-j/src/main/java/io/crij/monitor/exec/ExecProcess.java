package io.crij.monitor.exec;

import io.crij.linux.AtomicFile;
import io.crij.linux.Fd;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.Pipe;
import io.crij.linux.process.Stdio;
import io.crij.monitor.container.RunDirectory;
import io.crij.monitor.runtime.OciRuntimeCall;
import io.crij.monitor.runtime.OciRuntimeFailure;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.OciRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Has the OCI runtime execute a process in a container, with pipes of ours. Blocks; for platform
 * threads.
 */
final class ExecProcess {
  private final RunDirectory directory;
  private final OciRuntimeCall runtime;
  private final AtomicLong count = new AtomicLong();

  ExecProcess(RunDirectory directory, OciRuntimeCall runtime) {
    this.directory = directory;
    this.runtime = runtime;
  }

  /** A running process, a child of ours, and the reading ends of its pipes. */
  record Running(OciRuntimeCall.Started process, Fd stdout, Fd stderr) {}

  Running start(OciRuntime oci, ExecSyncRequest request, Duration limit) throws OciRuntimeFailure {
    // Plain pipes, not lasting ones: a process whose output nobody will read had better end.
    try (Pipe out = Pipe.open();
        Pipe err = Pipe.open();
        Fd in = Fd.open("/dev/null", Fd.O_RDWR, 0)) {
      Descriptors.chown(out.write(), request.getStreamUid(), request.getStreamGid());
      Descriptors.chown(err.write(), request.getStreamUid(), request.getStreamGid());
      OciRuntimeCall.Started process =
          start(oci, request, new Stdio(in, out.write(), err.write()), limit);
      return new Running(process, Fd.owning(out.read().release()), Fd.owning(err.read().release()));
    }
  }

  private OciRuntimeCall.Started start(
      OciRuntime oci, ExecSyncRequest request, Stdio stdio, Duration limit)
      throws OciRuntimeFailure {
    String name = Long.toString(count.incrementAndGet());
    Path process = directory.execs().resolve(name + ".json");
    Path pidFile = directory.execs().resolve(name + ".pid");
    Path log = directory.execs().resolve(name + ".log");
    try {
      AtomicFile.write(process, request.getProcess().toByteArray(), "rw-------", false);
      List<String> verb = List.of("exec", "--detach", "--process", process.toString());
      return runtime.start(
          new OciRuntimeCall.Invocation(oci, verb, request.getContainerId(), log, pidFile, stdio),
          limit);
    } finally {
      RunDirectory.delete(process);
      RunDirectory.delete(pidFile);
      RunDirectory.delete(log);
    }
  }
}
