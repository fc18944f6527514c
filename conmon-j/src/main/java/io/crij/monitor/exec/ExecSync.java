package io.crij.monitor.exec;

import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.FramePart;
import io.crij.monitor.container.RunDirectory;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.runtime.Children;
import io.crij.monitor.runtime.OciRuntimeCall;
import io.crij.monitor.runtime.OciRuntimeFailure;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.OciRuntime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/** Executes a process in a container and gives back what it wrote, and its exit code. */
public final class ExecSync {
  /** What all calls together keep of outputs; beyond it, output is dropped as beyond a limit. */
  private static final long BUDGET_BYTES = 256L << 20;

  private static final Duration LONGEST_START = Duration.ofMinutes(4);

  private final ExecProcess processes;
  private final Children children;
  private final EventLoop loop;
  private final Executor workers;
  private final AtomicLong budgetBytes = new AtomicLong(BUDGET_BYTES);
  private final Fd nothing = Fd.open("/dev/null", Fd.O_WRONLY, 0);

  public ExecSync(
      RunDirectory directory,
      OciRuntimeCall runtime,
      Children children,
      EventLoop loop,
      Executor workers) {
    this.processes = new ExecProcess(directory, runtime);
    this.children = children;
    this.loop = loop;
    this.workers = workers;
  }

  /** Told once, on the loop's thread, how a call went. */
  public interface Outcome {
    /** The process has ended by itself. */
    void ended(List<FramePart> replyFrame);

    /** It was killed at its time limit, and is gone. */
    void timedOut();

    /** It did not start. */
    void failed(OciRuntimeFailure failure);

    /** It did not start, for a reason of ours. */
    void failed(RuntimeException failure);
  }

  /**
   * Begins the call, on the loop's thread.
   *
   * @throws java.util.concurrent.RejectedExecutionException when too many wait already
   */
  public void exec(long requestId, OciRuntime oci, ExecSyncRequest request, Outcome outcome) {
    long begin = System.nanoTime();
    workers.execute(() -> start(requestId, oci, request, begin, outcome));
  }

  private void start(
      long requestId, OciRuntime oci, ExecSyncRequest request, long begin, Outcome outcome) {
    try {
      Duration limit = left(request, begin);
      ExecProcess.Running running = processes.start(oci, request, limit);
      loop.execute(() -> follow(requestId, request, begin, running, outcome));
    } catch (OciRuntimeFailure e) {
      loop.execute(() -> {
        if (e.isTimedOut()) {
          outcome.timedOut();
        } else {
          outcome.failed(e);
        }
      });
    } catch (LinuxException | java.io.UncheckedIOException e) {
      loop.execute(() -> outcome.failed(e));
    }
  }

  private void follow(
      long requestId,
      ExecSyncRequest request,
      long begin,
      ExecProcess.Running running,
      Outcome outcome) {
    ExecSession session =
        new ExecSession(
            requestId, request, running, new ExecSession.Context(loop, children, outcome));
    session.capture(running, nothing, budgetBytes);
    if (request.getTimeoutMillis() > 0) {
      session.limit(left(request, begin));
    }
  }

  private static Duration left(ExecSyncRequest request, long begin) {
    if (request.getTimeoutMillis() <= 0) {
      return LONGEST_START;
    }
    long nanos =
        Duration.ofMillis(request.getTimeoutMillis()).toNanos() - (System.nanoTime() - begin);
    return Duration.ofNanos(Math.max(0, nanos));
  }
}
