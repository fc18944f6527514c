package io.crij.monitor.exec;

import io.crij.linux.Fd;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.FramePart;
import io.crij.linux.io.Pipe;
import io.crij.linux.process.Stdio;
import io.crij.monitor.cgroup.ContainerCgroup;
import io.crij.monitor.runtime.OciRuntimeFailure;
import io.crij.monitor.v1.ContainerRecord;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.HandedExecSync;
import io.crij.monitor.v1.SessionRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Executes a process in a container and gives back what it wrote, and its exit code. */
public final class ExecSync {
  /** What all calls together keep of outputs; beyond it, output is dropped as beyond a limit. */
  private static final long BUDGET_BYTES = 256L << 20;

  private static final Duration LONGEST_START = Duration.ofMinutes(4);

  private final ExecParts parts;
  private final AtomicLong budgetBytes = new AtomicLong(BUDGET_BYTES);
  private final AtomicLong count = new AtomicLong();
  private final Fd nothing = Fd.open("/dev/null", Fd.O_RDWR, 0);

  /** Another one for each monitor: its successor may find what it has left. */
  private final String prefix;

  private final Set<ExecSession> running = new LinkedHashSet<>();

  /**
   * @param monitor names it, and is another for each program
   */
  public ExecSync(ExecParts parts, String monitor) {
    this.parts = parts;
    prefix = "sync-" + monitor + "-";
  }

  /** Told once, on the loop's thread, how a call went. */
  public interface Outcome {
    /** It has started: another program in this process could go on with it. */
    void started();

    /** The number of the descriptor of the asking client's connection; 0 once it has ended. */
    int connection();

    /** The process has ended by itself. */
    void ended(List<FramePart> replyFrame);

    /** It was killed at its time limit, and is gone. */
    void timedOut();

    /** It did not start. */
    void failed(OciRuntimeFailure failure);

    /** It did not start, or what it wrote could not be kept, for a reason of ours. */
    void failed(RuntimeException failure);
  }

  /**
   * Begins the call, on the loop's thread.
   *
   * @throws java.util.concurrent.RejectedExecutionException when too many wait already
   */
  public void exec(
      long requestId, ContainerRecord container, ExecSyncRequest request, Outcome outcome) {
    long begin = System.nanoTime();
    parts.workers().execute(() -> start(requestId, container, request, begin, outcome));
  }

  private void start(
      long requestId,
      ContainerRecord container,
      ExecSyncRequest request,
      long begin,
      Outcome outcome) {
    // Plain pipes, not lasting ones: a process whose output nobody will read had better end.
    try (Pipe out = Pipe.open();
        Pipe err = Pipe.open()) {
      Descriptors.chown(out.write(), request.getStreamUid(), request.getStreamGid());
      Descriptors.chown(err.write(), request.getStreamUid(), request.getStreamGid());
      Stdio stdio = new Stdio(nothing, out.write(), err.write());
      RunningProcess process =
          parts
              .call()
              .start(
                  new ExecCall.Order(
                      container.getConfig().getRuntime(), record(container), request.getProcess()),
                  new ExecCall.Streams(stdio, null),
                  left(request, begin));
      List<Fd> pipes = List.of(Fd.owning(out.read().release()), Fd.owning(err.read().release()));
      parts
          .loop()
          .execute(() -> follow(requestId, request, begin, new Started(process, pipes, outcome)));
    } catch (OciRuntimeFailure e) {
      parts
          .loop()
          .execute(() -> {
            if (e.isTimedOut()) {
              outcome.timedOut();
            } else {
              outcome.failed(e);
            }
          });
    } catch (RuntimeException e) {
      parts.loop().execute(() -> outcome.failed(e));
    }
  }

  private SessionRecord record(ContainerRecord container) {
    return SessionRecord.newBuilder()
        .setName(prefix + count.incrementAndGet())
        .setContainerId(container.getConfig().getContainerId())
        .setContainerCgroupPath(ContainerCgroup.ofProcess(container))
        .setSync(true)
        .build();
  }

  private record Started(RunningProcess process, List<Fd> pipes, Outcome outcome) {}

  private void follow(long requestId, ExecSyncRequest request, long begin, Started started) {
    ExecSession session = session(requestId, request, started.process(), started.outcome());
    session.capture(started.pipes(), nothing, budgetBytes);
    if (request.getTimeoutMillis() > 0) {
      session.limit(left(request, begin));
    }
    started.outcome().started();
  }

  private ExecSession session(
      long requestId, ExecSyncRequest request, RunningProcess process, Outcome outcome) {
    List<ExecSession> self = new ArrayList<>();
    ExecSession session =
        new ExecSession(requestId, request, process, parts, outcome, () -> running.removeAll(self));
    self.add(session);
    running.add(session);
    return session;
  }

  /**
   * All that have started, for the next program in this process; without those that nobody waits
   * for any more, which that one ends.
   */
  public List<HandedExecSync> handOver() {
    return running.stream().filter(ExecSession::isAwaited).map(ExecSession::handOver).toList();
  }

  /** Goes on with one of the program before in this process. */
  public void resume(HandedExecSync handed, Outcome outcome) {
    RunningProcess process = parts.resume(handed.getRecord(), handed.getPidfd());
    if (!handed.getEnded()) {
      parts.children().claim(process.id().pid());
    }
    ExecSyncRequest request =
        ExecSyncRequest.newBuilder().setDrainMillis(handed.getDrainMillis()).build();
    session(handed.getRequestId(), request, process, outcome).resume(handed, nothing, budgetBytes);
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
