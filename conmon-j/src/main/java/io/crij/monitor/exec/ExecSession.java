package io.crij.monitor.exec;

import io.crij.linux.Fd;
import io.crij.linux.io.Epoll;
import io.crij.linux.process.ExitStatus;
import io.crij.monitor.loop.Timer;
import io.crij.monitor.loop.Watch;
import io.crij.monitor.v1.ExecSyncRequest;
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
  private static final long MAX_OUTPUT_BYTES = 16L << 20;

  private final long requestId;
  private final ExecSyncRequest request;
  private final RunningProcess process;
  private final ExecParts parts;
  private final ExecSync.Outcome outcome;
  private final Watch endWatch;
  private final List<CapturedOutput> outputs = new ArrayList<>();
  private final List<Timer> timers = new ArrayList<>();
  private @Nullable ExitStatus status;
  private boolean timedOut;
  private boolean killed;
  private boolean done;

  ExecSession(
      long requestId,
      ExecSyncRequest request,
      RunningProcess process,
      ExecParts parts,
      ExecSync.Outcome outcome) {
    this.requestId = requestId;
    this.request = request;
    this.process = process;
    this.parts = parts;
    this.outcome = outcome;
    this.endWatch = parts.loop().watch(process.pidfd().fd(), Epoll.IN, _ -> processEnded());
  }

  /** Begins to read its outputs. */
  void capture(List<Fd> pipes, Fd nothing, AtomicLong budgetBytes) {
    long wanted = request.getMaxBytes();
    long max = wanted > 0 ? Math.min(wanted, MAX_OUTPUT_BYTES) : MAX_OUTPUT_BYTES;
    for (Fd pipe : pipes) {
      outputs.add(
          new CapturedOutput(pipe, nothing, max, budgetBytes, parts.loop(), this::finishIfDrained));
    }
  }

  /** Begins to count its time. */
  void limit(Duration left) {
    timers.add(parts.loop().after(left, this::kill));
  }

  private void kill() {
    if (status == null) {
      timedOut = true;
      parts.clean(() -> {
        process.killAll();
        parts.loop().execute(this::killed);
      });
    }
  }

  private void killed() {
    killed = true;
    finishIfDrained();
  }

  private void processEnded() {
    ExitStatus end = process.takeStatus();
    if (end == null) {
      return;
    }
    status = end;
    endWatch.close();
    parts.children().reaped(process.id().pid());
    if (timedOut) {
      finishIfDrained();
      return;
    }
    long drainMillis = request.getDrainMillis();
    Duration drain = drainMillis > 0 ? Duration.ofMillis(drainMillis) : DEFAULT_DRAIN;
    // Children of the process may hold its pipes as long as they like.
    timers.add(parts.loop().after(drain, this::finish));
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
    timers.forEach(Timer::cancel);
    parts.clean(process::close);
    if (timedOut) {
      outcome.timedOut();
    } else {
      outputs.forEach(CapturedOutput::drain);
      outcome.ended(ExecSyncFrame.of(requestId, outputs.get(0), outputs.get(1), end.shellCode()));
    }
    outputs.forEach(CapturedOutput::close);
  }
}
