package io.crij.monitor.exec;

import io.crij.linux.Fd;
import io.crij.linux.process.Pidfd;
import io.crij.monitor.cgroup.ProcessGroup;
import io.crij.monitor.container.RunDirectory;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.runtime.Children;
import io.crij.monitor.v1.SessionRecord;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What all calls of exec work with. */
public final class ExecParts {
  private final EventLoop loop;
  private final Executor workers;
  private final Executor cleaners;
  private final Children children;
  private final SessionFiles files;
  private final ExecCall call;
  private final AtomicInteger cleaning = new AtomicInteger();

  /**
   * @param workers for calls of the OCI runtime
   * @param cleaners for killing and removing, which must not wait for such calls
   */
  public ExecParts(
      RunDirectory directory,
      EventLoop loop,
      Executor workers,
      Executor cleaners,
      Children children) {
    this.loop = loop;
    this.workers = workers;
    this.cleaners = cleaners;
    this.children = children;
    this.files = new SessionFiles(directory.execs());
    this.call = new ExecCall(files, children);
  }

  EventLoop loop() {
    return loop;
  }

  Executor workers() {
    return workers;
  }

  Children children() {
    return children;
  }

  SessionFiles files() {
    return files;
  }

  ExecCall call() {
    return call;
  }

  /** Does what may take a moment, soon and elsewhere. */
  void clean(Runnable action) {
    cleaning.incrementAndGet();
    cleaners.execute(() -> {
      try {
        action.run();
      } catch (RuntimeException e) {
        StderrLog.failure("clean up after an exec", e);
      } finally {
        cleaning.decrementAndGet();
      }
    });
  }

  /** Whether nothing is being killed or removed just now. */
  public boolean isAtRest() {
    return cleaning.get() == 0;
  }

  /** Goes on with a process of the program before in this process. */
  RunningProcess resume(SessionRecord record, int pidfd) {
    return new RunningProcess(record, Pidfd.owning(Fd.owning(pidfd)), groupOf(record), files);
  }

  static @Nullable ProcessGroup groupOf(SessionRecord record) {
    return record.getCgroup().isEmpty()
        ? null
        : ProcessGroup.find(record.getContainerCgroupPath(), record.getCgroup());
  }
}
