package io.crij.monitor.exec;

import io.crij.linux.Errno;
import io.crij.linux.LinuxException;
import io.crij.linux.process.ExitStatus;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessId;
import io.crij.linux.process.ProcessTree;
import io.crij.monitor.cgroup.ProcessGroup;
import io.crij.monitor.runtime.Children;
import io.crij.monitor.v1.SessionRecord;
import org.jspecify.annotations.Nullable;

/** A process executed in a container, with all it has started. */
final class RunningProcess {
  private final SessionRecord record;
  private final Pidfd pidfd;
  private final @Nullable ProcessGroup group;
  private final SessionFiles files;
  private boolean closed;

  RunningProcess(
      SessionRecord record, Pidfd pidfd, @Nullable ProcessGroup group, SessionFiles files) {
    this.record = record;
    this.pidfd = pidfd;
    this.group = group;
    this.files = files;
  }

  SessionRecord record() {
    return record;
  }

  Pidfd pidfd() {
    return pidfd;
  }

  ProcessId id() {
    return new ProcessId(record.getPid(), record.getStartTimeTicks());
  }

  /**
   * Takes the exit status of the process, which has ended; null if nobody can know it any more.
   * Then it is no zombie.
   */
  @Nullable ExitStatus takeStatus() {
    try {
      return pidfd.reap();
    } catch (LinuxException e) {
      if (e.errno() != Errno.ECHILD) {
        throw e;
      }
      // It was a child of the monitor before us.
      return pidfd.exitStatus(id());
    }
  }

  /** Kills the process with all it has started. May take a moment: for worker threads. */
  synchronized void killAll() {
    if (closed) {
      return;
    }
    if (group != null) {
      group.kill();
    }
    // Where there is no cgroup, or the process could not be started in it.
    if (group == null || !pidfd.hasEnded()) {
      ProcessTree.kill(id());
    }
  }

  /** Kills it, for nobody will wait for it: what it is then is reaped as an orphan is. */
  void abandon(Children children) {
    killAll();
    children.reaped(record.getPid());
    close();
  }

  /** Whether anything runs that it has started, as far as that can be told. */
  synchronized boolean hasOthers() {
    if (closed) {
      return false;
    }
    return group != null ? !group.isEmpty() : !ProcessTree.find(id()).isEmpty();
  }

  /**
   * Lets go of it: what it has started and left running belongs to the container from now on. For
   * worker threads.
   */
  synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (group != null) {
      group.release();
    }
    files.delete(record.getName());
    pidfd.close();
  }
}
