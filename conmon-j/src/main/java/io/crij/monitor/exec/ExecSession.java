package io.crij.monitor.exec;

import io.crij.linux.Fd;
import io.crij.linux.io.Epoll;
import io.crij.linux.process.ExitStatus;
import io.crij.linux.process.Pidfd;
import io.crij.linux.process.ProcessTree;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.Timer;
import io.crij.monitor.loop.Watch;
import io.crij.monitor.runtime.Children;
import io.crij.monitor.runtime.OciRuntimeCall;
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

  /** What a session works with. */
  record Context(EventLoop loop, Children children, ExecSync.Outcome outcome) {}

  private final long requestId;
  private final ExecSyncRequest request;
  private final OciRuntimeCall.Started process;
  private final Context context;
  private final Pidfd pidfd;
  private final Watch endWatch;
  private final List<CapturedOutput> outputs = new ArrayList<>();
  private final List<Timer> timers = new ArrayList<>();
  private @Nullable ExitStatus status;
  private boolean timedOut;
  private boolean done;

  ExecSession(
      long requestId, ExecSyncRequest request, ExecProcess.Running running, Context context) {
    this.requestId = requestId;
    this.request = request;
    this.process = running.process();
    this.pidfd = process.pidfd();
    this.context = context;
    this.endWatch = context.loop().watch(pidfd.fd(), Epoll.IN, _ -> processEnded());
  }

  /** Begins to read its outputs. */
  void capture(ExecProcess.Running running, Fd nothing, AtomicLong budgetBytes) {
    long wanted = request.getMaxBytes();
    long max = wanted > 0 ? Math.min(wanted, MAX_OUTPUT_BYTES) : MAX_OUTPUT_BYTES;
    for (Fd pipe : List.of(running.stdout(), running.stderr())) {
      outputs.add(
          new CapturedOutput(
              pipe, nothing, max, budgetBytes, context.loop(), this::finishIfDrained));
    }
  }

  /** Begins to count its time. */
  void limit(Duration left) {
    timers.add(context.loop().after(left, this::kill));
  }

  private void kill() {
    if (status == null) {
      timedOut = true;
      ProcessTree.kill(process.id());
    }
  }

  private void processEnded() {
    status = pidfd.reap();
    if (status == null) {
      return;
    }
    endWatch.close();
    context.children().reaped(process.id().pid());
    if (timedOut) {
      finish();
      return;
    }
    long drainMillis = request.getDrainMillis();
    Duration drain = drainMillis > 0 ? Duration.ofMillis(drainMillis) : DEFAULT_DRAIN;
    // Children of the process may hold its pipes as long as they like.
    timers.add(context.loop().after(drain, this::finish));
    finishIfDrained();
  }

  private void finishIfDrained() {
    if (status != null && outputs.stream().allMatch(CapturedOutput::isEnded)) {
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
    pidfd.close();
    if (timedOut) {
      context.outcome().timedOut();
    } else {
      outputs.forEach(CapturedOutput::drain);
      context
          .outcome()
          .ended(ExecReply.frame(requestId, outputs.get(0), outputs.get(1), end.shellCode()));
    }
    outputs.forEach(CapturedOutput::close);
  }
}
