package io.crij.monitor.exec;

import io.crij.linux.Fd;
import io.crij.linux.io.Epoll;
import io.crij.linux.process.ExitStatus;
import io.crij.monitor.loop.Timer;
import io.crij.monitor.loop.Watch;
import io.crij.monitor.v1.ExecSyncRequest;
import io.crij.monitor.v1.HandedExecSync;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A process being executed, until it has ended and its output is read, or until its time is over;
 * on the loop's thread.
 */
final class ExecSession {
  private static final Duration DEFAULT_DRAIN = Duration.ofSeconds(5);

  /** Of one that nobody can ask any more how it ended. */
  private static final ExitStatus UNKNOWN = new ExitStatus(255, 0);

  private static final long MAX_OUTPUT_BYTES = 16L << 20;

  private final long requestId;
  private final ExecSyncRequest request;
  private final RunningProcess process;
  private final ExecParts parts;
  private final ExecSync.Outcome outcome;
  private final Watch endWatch;
  private final List<CapturedOutput> outputs = new ArrayList<>();
  private final Runnable onDone;
  private @Nullable Timer limit;
  private @Nullable Timer drain;
  private @Nullable ExitStatus status;
  private boolean timedOut;
  private boolean killed;
  private boolean done;

  /**
   * Begins to wait for its end.
   *
   * @param request what it says of times and amounts counts
   * @param onDone runs once there is nothing more to do with it
   */
  ExecSession(
      long requestId,
      ExecSyncRequest request,
      RunningProcess process,
      ExecParts parts,
      ExecSync.Outcome outcome,
      Runnable onDone) {
    this.requestId = requestId;
    this.request = request;
    this.process = process;
    this.parts = parts;
    this.outcome = outcome;
    this.onDone = onDone;
    this.endWatch = parts.loop().watch(process.pidfd().fd(), Epoll.IN, _ -> processEnded());
  }

  /** Begins to read its outputs. */
  void capture(List<Fd> pipes, Fd nothing, AtomicLong budgetBytes) {
    long wanted = request.getMaxBytes();
    long max = wanted > 0 ? Math.min(wanted, MAX_OUTPUT_BYTES) : MAX_OUTPUT_BYTES;
    CapturedOutput.Surroundings around = around(nothing, budgetBytes);
    pipes.forEach(pipe -> outputs.add(new CapturedOutput(pipe, max, around)));
  }

  private CapturedOutput.Surroundings around(Fd nothing, AtomicLong budgetBytes) {
    return new CapturedOutput.Surroundings(
        nothing, budgetBytes, parts.loop(), this::finishIfDrained);
  }

  /** Begins to count its time. */
  void limit(Duration left) {
    limit = parts.loop().after(left, this::kill);
  }

  /** Goes on where the program before stopped. */
  void resume(HandedExecSync handed, Fd nothing, AtomicLong budgetBytes) {
    CapturedOutput.Surroundings around = around(nothing, budgetBytes);
    handed.getOutputsList().forEach(o -> outputs.add(CapturedOutput.resume(o, around)));
    if (handed.getEnded()) {
      endWatch.close();
      status = new ExitStatus(handed.getExitCode(), handed.getSignal());
      drain = parts.loop().at(handed.getDrainedAtNanos(), this::finish);
    }
    if (handed.getTimedOut()) {
      killAll();
    } else if (handed.getLimitAtNanos() != 0) {
      limit = parts.loop().at(handed.getLimitAtNanos(), this::kill);
    }
    finishIfDrained();
  }

  /** Whether its client is still there. */
  boolean isAwaited() {
    return outcome.connection() != 0;
  }

  /** All of it, for the next program in this process. */
  HandedExecSync handOver() {
    HandedExecSync.Builder handed =
        HandedExecSync.newBuilder()
            .setRecord(process.record())
            .setRequestId(requestId)
            .setClient(outcome.connection())
            .setPidfd(process.pidfd().fd().number())
            .setTimedOut(timedOut)
            .setDrainMillis(request.getDrainMillis());
    outputs.forEach(output -> handed.addOutputs(output.handOver()));
    if (limit != null) {
      handed.setLimitAtNanos(limit.deadlineNanos());
    }
    ExitStatus end = status;
    if (end != null) {
      handed.setEnded(true).setExitCode(end.code()).setSignal(end.signal());
    }
    if (drain != null) {
      handed.setDrainedAtNanos(drain.deadlineNanos());
    }
    return handed.build();
  }

  private void kill() {
    if (status == null) {
      killAll();
    }
  }

  private void killAll() {
    timedOut = true;
    parts.clean(() -> {
      process.killAll();
      parts.loop().execute(this::killed);
    });
  }

  private void killed() {
    killed = true;
    finishIfDrained();
  }

  private void processEnded() {
    if (!process.pidfd().hasEnded()) {
      return;
    }
    ExitStatus end = process.takeStatus();
    status = end == null ? UNKNOWN : end;
    endWatch.close();
    parts.children().reaped(process.id().pid());
    if (timedOut) {
      finishIfDrained();
      return;
    }
    long drainMillis = request.getDrainMillis();
    Duration wait = drainMillis > 0 ? Duration.ofMillis(drainMillis) : DEFAULT_DRAIN;
    // Children of the process may hold its pipes as long as they like.
    drain = parts.loop().after(wait, this::finish);
    finishIfDrained();
  }

  private void finishIfDrained() {
    boolean over = timedOut ? killed : outputs.stream().allMatch(CapturedOutput::isEnded);
    if (status != null && over) {
      finish();
    }
  }

  private void finish() {
    ExitStatus end = status;
    if (done || end == null) {
      return;
    }
    done = true;
    cancel(limit);
    cancel(drain);
    parts.clean(process::close);
    if (timedOut) {
      outcome.timedOut();
    } else {
      outputs.forEach(CapturedOutput::drain);
      tell(end);
    }
    outputs.forEach(CapturedOutput::close);
    onDone.run();
  }

  private void tell(ExitStatus end) {
    for (CapturedOutput output : outputs) {
      if (!output.failure().isEmpty()) {
        outcome.failed(
            new IllegalStateException("its output could not be kept: " + output.failure()));
        return;
      }
    }
    outcome.ended(ExecSyncFrame.of(requestId, outputs.get(0), outputs.get(1), end.shellCode()));
  }

  private static void cancel(@Nullable Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
  }
}
