package io.crij.monitor;

import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.Signals;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.CreateRequest;
import io.crij.monitor.v1.LogConfig;
import io.crij.monitor.v1.OciRuntime;
import io.crij.monitor.v1.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * Containers that are plain processes, by a runtime that is a shell script: what a monitor has of
 * them is the same, at a hundredth of the price.
 */
final class CheapContainers implements AutoCloseable {
  private final TestNode node;
  private final Path runtime;
  private final List<ProcessId> processes = new ArrayList<>();

  CheapContainers(TestNode node, Path folder) throws IOException {
    this.node = node;
    runtime = folder.resolve("cheap-runtime");
    Files.writeString(
        runtime,
        """
        #!/bin/sh
        while [ $# -gt 0 ]; do
          case $1 in
            --bundle) bundle=$2; shift ;;
            --pid-file) pidfile=$2; shift ;;
            delete) exit 0 ;;
          esac
          shift
        done
        setsid sh "$bundle/run" &
        echo $! >"$pidfile"
        """);
    Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
  }

  /** Creates one, which runs this shell script at once; gives its id. */
  String run(TestClient client, String script) throws Exception {
    return run(client, script, LogConfig.newBuilder());
  }

  /** The same with a log like this, at the usual path. */
  String run(TestClient client, String script, LogConfig.Builder log) throws Exception {
    String id = TestNode.newId();
    Files.createDirectories(node.bundle(id));
    Files.createDirectories(node.logFile(id).getParent());
    Files.writeString(node.bundle(id).resolve("run"), script);
    Reply reply =
        client.create(
            CreateRequest.newBuilder()
                .setContainerId(id)
                .setBundle(node.bundle(id).toString())
                .setRuntime(OciRuntime.newBuilder().setPath(runtime.toString()))
                .setLog(log.setPath(node.logFile(id).toString()))
                .build());
    if (!reply.hasCreate()) {
      throw new IOException(reply.toString());
    }
    ContainerRecord record = reply.getCreate().getRecord();
    processes.add(new ProcessId(record.getPid(), record.getStartTimeTicks()));
    return id;
  }

  /** A script that writes numbered lines, one in some milliseconds, and then ends. */
  static String writer(int lines, int millis, int exitCode) {
    return """
    exec perl -e '$|=1; for ($i = 0; $i < %d; $i++) {
      print "line $i\\n"; select(undef, undef, undef, %d / 1000);
    } exit %d'
    """
        .formatted(lines, millis, exitCode);
  }

  @Override
  public void close() {
    for (ProcessId process : processes) {
      try (Pidfd pidfd = Pidfd.open(process)) {
        if (pidfd != null) {
          pidfd.signal(Signals.SIGKILL);
        }
      }
    }
  }
}
