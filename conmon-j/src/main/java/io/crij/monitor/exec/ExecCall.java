package io.crij.monitor.exec;

import com.google.protobuf.ByteString;
import io.crij.linux.AtomicFile;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.Stdio;
import io.crij.monitor.cgroup.ProcessGroup;
import io.crij.monitor.runtime.Children;
import io.crij.monitor.runtime.ConsoleSocket;
import io.crij.monitor.runtime.ExecFeatures;
import io.crij.monitor.runtime.OciRuntimeCall;
import io.crij.monitor.runtime.OciRuntimeFailure;
import io.crij.monitor.v1.OciRuntime;
import io.crij.monitor.v1.SessionRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Has the OCI runtime execute a process in a container, in a cgroup of its own below the
 * container's. Blocks; for platform threads.
 */
final class ExecCall {
  private final SessionFiles files;
  private final OciRuntimeCall runtime;
  private final ExecFeatures features;
  private final Children children;

  ExecCall(SessionFiles files, Children children) {
    this.files = files;
    this.runtime = new OciRuntimeCall(children);
    this.features = new ExecFeatures(children);
    this.children = children;
  }

  /**
   * What is wanted.
   *
   * @param record says what a successor should do with it
   * @param process OCI process object
   */
  record Order(OciRuntime oci, SessionRecord record, ByteString process) {}

  /** The streams it gets. */
  record Streams(Stdio stdio, @Nullable ConsoleSocket console) {}

  /**
   * Starts it. Its record is on disk before, and until {@link RunningProcess#close}.
   *
   * @param limit after it the runtime and all it has started are killed
   */
  RunningProcess start(Order order, Streams streams, Duration limit) throws OciRuntimeFailure {
    String name = order.record().getName();
    ProcessGroup group = group(order.record());
    SessionRecord record =
        order.record().toBuilder().setCgroup(group == null ? "" : group.name()).build();
    files.write(record);
    try {
      AtomicFile.write(files.process(name), order.process().toByteArray(), "rw-------", false);
      OciRuntimeCall.Started process = runtime.start(invocation(order, streams, group), limit);
      boolean joins = group != null && option(order.oci(), group).isEmpty();
      return follow(running(record, process, group), joins ? group : null);
    } catch (OciRuntimeFailure | RuntimeException e) {
      if (group != null) {
        group.kill();
      }
      files.delete(name);
      throw e;
    } finally {
      files.deleteCallFiles(name);
    }
  }

  /**
   * Notes what runs, so that a successor finds it.
   *
   * @param joined the cgroup that it was not started in; null: none
   */
  private RunningProcess follow(RunningProcess running, @Nullable ProcessGroup joined) {
    try {
      files.write(running.record());
      if (joined != null) {
        joined.join(running.id());
      }
      return running;
    } catch (RuntimeException e) {
      running.abandon(children);
      throw e;
    }
  }

  private static @Nullable ProcessGroup group(SessionRecord record) {
    ProcessGroup group =
        ProcessGroup.find(record.getContainerCgroupPath(), "crij-exec-" + record.getName());
    return group == null || !group.create() ? null : group;
  }

  private RunningProcess running(
      SessionRecord record, OciRuntimeCall.Started process, @Nullable ProcessGroup group) {
    ProcessId id = process.id();
    Pidfd pidfd = process.pidfd();
    SessionRecord known =
        record.toBuilder()
            .setPid(id.pid())
            .setStartTimeTicks(id.startTimeTicks())
            .setPidfdInode(pidfd.inode())
            .build();
    return new RunningProcess(known, pidfd, group, files);
  }

  private OciRuntimeCall.Invocation invocation(
      Order order, Streams streams, @Nullable ProcessGroup group) {
    String name = order.record().getName();
    List<String> verb = new ArrayList<>(List.of("exec", "--detach"));
    if (group != null) {
      verb.addAll(option(order.oci(), group));
    }
    if (streams.console() != null) {
      verb.addAll(List.of("--console-socket", streams.console().path()));
    }
    verb.addAll(List.of("--process", files.process(name).toString()));
    return new OciRuntimeCall.Invocation(
        order.oci(),
        verb,
        order.record().getContainerId(),
        files.log(name),
        files.pidFile(name),
        streams.stdio());
  }

  /** Empty where the runtime cannot start it there. */
  private List<String> option(OciRuntime oci, ProcessGroup group) {
    return switch (features.subCgroup(oci.getPath())) {
      case NONE -> List.of();
      case NAME -> ProcessGroup.needsController() ? List.of() : List.of("--cgroup", group.name());
      case CONTROLLER_AND_NAME -> List.of("--cgroup", group.nameWithController());
    };
  }
}
