package io.crij.monitor.log;

import io.crij.linux.Fd;
import io.crij.linux.io.Epoll;
import io.crij.linux.io.Pipe;
import io.crij.monitor.attach.StreamTap;
import io.crij.monitor.framing.CriFramer;
import io.crij.monitor.framing.OutputStreamKind;
import io.crij.monitor.framing.Tail;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.Gathered;
import io.crij.monitor.loop.Timer;
import io.crij.monitor.loop.Watch;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Logs what a container writes to a pipe. Text without a newline stays in the pipe, where it
 * outlives this process, until the newline comes, the pipe is full, the writers are gone, or a
 * second has passed.
 *
 * <p>The container may have its pipe open too, and read, shrink or refill it: nothing is assumed of
 * it but what a call has just said.
 */
public final class LoggedPipe implements LoggedStream, Gathered {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** A grown pipe through which less than its content went in this time is made small again. */
  private static final Duration CALM = Duration.ofSeconds(10);

  /** Room for a line of the greatest length and the byte that tells that it is longer. */
  private static final int LEAST_LOOK_BYTES = 2 * CriFramer.MAX_CONTENT_BYTES;

  private static final int FINAL_TURNS = 256;

  private final Fd pipe;
  private final OutputStreamKind kind;
  private final ContainerLog log;
  private final EventLoop loop;
  private final StreamBuffers buffers;
  private final CriFramer framer;
  private final StreamTap tap = new StreamTap();
  private final DroppedOutput dropped;
  private final Watch watch;
  private @Nullable Timer patience;
  private @Nullable Timer calm;
  private @Nullable Timer pause;
  private boolean waitsForRest;
  private boolean waitsForLog;
  private long takenBytes;
  private long takenBytesBefore;
  private long takenBytesWhenGrown;
  private boolean gathering;
  private boolean hungUp;
  private boolean ended;
  private int capacity;
  private int lookBytes = StreamBuffers.IN_BYTES;
  private final Pace pace = new Pace();
  private long dueNanos;

  /**
   * Begins to log.
   *
   * @param pipe the reading end, {@code O_NONBLOCK}; owned from now on
   */
  public LoggedPipe(
      Fd pipe, OutputStreamKind kind, ContainerLog log, EventLoop loop, StreamBuffers buffers) {
    this.pipe = pipe;
    this.kind = kind;
    this.log = log;
    this.loop = loop;
    this.buffers = buffers;
    this.framer = new CriFramer(kind.label());
    this.framer.resumeMidLine(log.journal().isMidLine(kind.number()));
    skip(log.takeUnfinished(kind.number()));
    this.capacity = buffers.pipes().adopt(pipe);
    this.watch = loop.watch(pipe, Epoll.IN | Epoll.EDGE, this::ready);
    this.dropped = new DroppedOutput(log, kind.number(), framer, loop, buffers);
    armCalm();
  }

  /** Takes out of the pipe what the last monitor had logged, but not taken out. */
  private void skip(@Nullable LoggedChunk chunk) {
    int n = chunk == null ? 0 : buffers.look(pipe, chunk.input().length);
    if (chunk != null && n > 0) {
      byte[] head = new byte[n];
      buffers.in().bytes().get(0, head);
      buffers.discard(pipe, chunk.stillIn(head));
    }
  }

  @Override
  public Fd fd() {
    return pipe;
  }

  @Override
  public StreamTap tap() {
    return tap;
  }

  @Override
  public boolean isEnded() {
    return ended;
  }

  private void ready(int events) {
    hungUp |= (events & (Epoll.HUP | Epoll.ERR)) != 0;
    // Nothing gathers while the log is written: the loop would sleep and not see that it was.
    long now = System.nanoTime();
    if (!gathering && !mustWait(now)) {
      gatherUntil(hungUp ? now : now + pace.halfFullNanos());
    }
  }

  private void gatherUntil(long nanos) {
    if (!gathering && !ended) {
      gathering = true;
      dueNanos = nanos;
      loop.gather(this);
    }
  }

  @Override
  public long dueNanos() {
    return dueNanos;
  }

  @Override
  public void drain() {
    gathering = false;
    turn(Tail.KEEP, true);
  }

  @Override
  public void drainNow() {
    hungUp |= !ended && Pipe.isHungUp(pipe);
    for (int i = 0; i < FINAL_TURNS && !ended; i++) {
      if (turn(Tail.KEEP, false) <= 0) {
        return;
      }
    }
  }

  /**
   * Logs at most one chunk, so that no stream keeps the others waiting.
   *
   * @return how many bytes were taken out of the pipe; not positive when there is nothing to log
   */
  private int turn(Tail tail, boolean limited) {
    if (ended) {
      return 0;
    }
    long now = System.nanoTime();
    if (limited && mustWait(now)) {
      return 0;
    }
    log.settle();
    long allowed = limited ? log.allowance().bytes(now) : Long.MAX_VALUE;
    if (allowed <= 0) {
      return overdrawn();
    }
    int share =
        limited && !log.settings().dropsFloods() ? pace.share(lookBytes, capacity) : lookBytes;
    int limit = (int) Math.min(lookBytes, Math.max(Math.min(allowed, share), LEAST_LOOK_BYTES));
    int seen = buffers.look(pipe, limit);
    if (seen <= 0) {
      if (seen == 0) {
        end();
      }
      return seen;
    }
    tap.seen(buffers.in(), seen, seen < limit);
    boolean isFull = Pace.isFull(seen, capacity);
    pace.looked(seen, limit, capacity, now);
    if (seen >= capacity / 2) {
      grow();
    }
    boolean aside = limited && goesAside(now) && !loop.slowCalls().isBusy();
    int taken = log(seen, tailFor(seen, tail), aside);
    log.allowance().use(taken);
    if (isFull && !aside && log.settings().dropsFloods()) {
      drop();
    }
    waitsForRest = taken < seen;
    if (waitsForRest) {
      armPatience();
    }
    boolean isHot = seen >= capacity / 8;
    boolean isMore = hungUp || seen == limit || isHot || lookBytes < StreamBuffers.IN_BYTES;
    if (taken > 0 && isMore && !log.isAppending()) {
      gatherMore();
    }
    return taken;
  }

  /** Whether the log is written, or has to be once the other slow ones are; the turn comes then. */
  private boolean mustWait(long now) {
    boolean wait = log.isAppending() || (goesAside(now) && loop.slowCalls().isBusy());
    if (wait && !waitsForLog) {
      waitsForLog = true;
      loop.slowCalls()
          .whenFree(() -> {
            waitsForLog = false;
            gatherUntil(System.nanoTime());
          });
    }
    return wait;
  }

  /** Not what a quiet container writes: it would have to wait for the others. */
  private boolean goesAside(long now) {
    return capacity > PipeBudget.QUIET_BYTES && log.isSlow(now);
  }

  private void gatherMore() {
    gatherUntil(hungUp ? System.nanoTime() : pace.nextLookNanos());
  }

  /** More was logged than is allowed: the container waits, or what it writes is dropped. */
  private int overdrawn() {
    if (log.settings().dropsFloods()) {
      int bytes = drop();
      if (hungUp || bytes >= capacity / 2) {
        gatherUntil(System.nanoTime() + Pace.LONGEST_NANOS);
      }
      return bytes;
    }
    if (pause == null) {
      pause =
          loop.after(
              Duration.ofNanos(log.allowance().nanosUntilPositive()),
              () -> {
                pause = null;
                gatherUntil(System.nanoTime());
              });
    }
    return 0;
  }

  private int drop() {
    int bytes = buffers.discard(pipe, StreamBuffers.IN_BYTES);
    if (bytes > 0) {
      tap.taken(bytes);
      dropped.add(bytes);
      takenBytes += bytes;
    }
    return bytes;
  }

  private Tail tailFor(int seen, Tail wanted) {
    // Only if all that is in the pipe was seen, the last text in it is the last ever.
    return hungUp && Pipe.available(pipe) == seen ? Tail.FINAL : wanted;
  }

  private int log(int seen, Tail tail, boolean aside) {
    framer.stamp(Instant.now());
    dropped.report();
    int whole = frame(seen, tail);
    boolean isStuck = whole == 0 && Pace.isFull(seen, Pipe.capacity(pipe));
    // Nobody could write the rest of the line.
    int taken = isStuck ? frame(seen, Tail.PARTIAL) : whole;
    if (taken > 0) {
      int witness = LoggedChunk.witnessBytes(buffers.in().bytes(), taken);
      if (aside) {
        log.appendAside(
            loop.slowCalls(),
            kind.number(),
            buffers,
            taken,
            witness,
            logged -> {
              logged(taken, witness, logged);
              gatherMore();
            });
      } else {
        logged(taken, witness, log.append(kind.number(), buffers.lines(), taken, witness));
      }
    }
    return taken;
  }

  private void logged(int taken, int witness, boolean logged) {
    buffers.take(pipe, taken - witness, log.journal(), witness);
    tap.taken(taken);
    log.taken(kind.number(), framer.isMidLine());
    takenBytes += taken;
    if (!logged) {
      dropped.armReport();
    }
  }

  private int frame(int seen, Tail tail) {
    int taken = framer.frame(buffers.lines(), seen, tail);
    // Short lines become so much longer that looking at more than can be framed is in vain.
    boolean outIsFull = seen - taken > CriFramer.MAX_CONTENT_BYTES;
    lookBytes =
        outIsFull
            ? Math.min(StreamBuffers.IN_BYTES, Math.max(LEAST_LOOK_BYTES, taken + taken / 8))
            : StreamBuffers.IN_BYTES;
    return taken;
  }

  private void grow() {
    if (capacity < PipeBudget.LARGEST_BYTES) {
      // The container may have done it.
      buffers.pipes().release(capacity);
      capacity = buffers.pipes().adopt(pipe);
      capacity = buffers.pipes().grow(pipe, capacity);
      armCalm();
    }
  }

  private void armCalm() {
    if (calm == null && capacity > PipeBudget.QUIET_BYTES) {
      takenBytesWhenGrown = takenBytes;
      calm = loop.after(CALM, this::calmDown);
    }
  }

  private void calmDown() {
    calm = null;
    if (takenBytes - takenBytesWhenGrown < capacity) {
      capacity = buffers.pipes().shrink(pipe, capacity);
    }
    armCalm();
  }

  private void armPatience() {
    if (patience == null) {
      takenBytesBefore = takenBytes;
      patience = loop.after(PATIENCE, this::outOfPatience);
    }
  }

  private void outOfPatience() {
    patience = null;
    if (waitsForRest && takenBytes != takenBytesBefore) {
      // Another rest than the one that the time began with.
      armPatience();
    } else if (waitsForRest) {
      turn(Tail.PARTIAL, true);
    }
  }

  private void end() {
    framer.stamp(Instant.now());
    dropped.reportAtEnd();
    framer.finish(buffers.lines());
    if (buffers.lines().bytes() > 0) {
      log.append(kind.number(), buffers.lines(), 0, 0);
      log.taken(kind.number(), false);
    }
    close();
  }

  @Override
  public void close() {
    if (ended) {
      return;
    }
    log.settle();
    ended = true;
    waitsForRest = false;
    for (Timer timer : new Timer[] {patience, calm, pause}) {
      if (timer != null) {
        timer.cancel();
      }
    }
    dropped.close();
    buffers.pipes().release(capacity);
    watch.close();
    pipe.close();
    tap.end();
  }
}
