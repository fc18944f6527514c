package io.crij.monitor.log;

import io.crij.linux.Fd;
import io.crij.linux.io.Epoll;
import io.crij.linux.io.Pipe;
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
  private static final int LOOK_BYTES = 256 * 1024;
  private static final int BUSY_BYTES = 32 * 1024;
  private static final int ROUNDS = 4;
  private static final int FINAL_ROUNDS = 256;
  private static final int PAGE_BYTES = 4096;

  private final Fd pipe;
  private final OutputStreamKind kind;
  private final ContainerLog log;
  private final EventLoop loop;
  private final StreamBuffers buffers;
  private final CriFramer framer;
  private final Watch watch;
  private @Nullable Timer patience;
  private boolean waitsForRest;
  private long takenBytes;
  private long takenBytesBefore;
  private boolean gathering;
  private boolean hungUp;
  private boolean ended;
  private int lastLook;

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
    this.watch = loop.watch(pipe, Epoll.IN | Epoll.EDGE, this::ready);
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
  public boolean isEnded() {
    return ended;
  }

  private void ready(int events) {
    hungUp |= (events & (Epoll.HUP | Epoll.ERR)) != 0;
    gather();
  }

  private void gather() {
    if (!gathering) {
      gathering = true;
      loop.gather(this);
    }
  }

  @Override
  public boolean isUrgent() {
    return hungUp || lastLook >= BUSY_BYTES;
  }

  @Override
  public void drain() {
    gathering = false;
    if (drain(ROUNDS, Tail.KEEP)) {
      gather();
    }
  }

  @Override
  public void drainNow() {
    hungUp |= !ended && Pipe.isHungUp(pipe);
    drain(FINAL_ROUNDS, Tail.KEEP);
  }

  /** True if there may be more to log at once. */
  private boolean drain(int rounds, Tail tail) {
    for (int i = 0; i < rounds && !ended; i++) {
      int seen = buffers.look(pipe, LOOK_BYTES);
      lastLook = seen;
      if (seen == 0) {
        end();
      }
      if (seen <= 0) {
        return false;
      }
      int taken = log(seen, tailFor(seen, tail));
      waitsForRest = taken < seen;
      if (waitsForRest) {
        armPatience();
      }
      if (taken == 0) {
        return false;
      }
    }
    return !ended;
  }

  private Tail tailFor(int seen, Tail wanted) {
    // Only if all that is in the pipe was seen, the last text in it is the last ever.
    return hungUp && Pipe.available(pipe) == seen ? Tail.FINAL : wanted;
  }

  private int log(int seen, Tail tail) {
    stamp();
    int taken = frame(seen, tail);
    if (taken == 0 && seen + PAGE_BYTES > Pipe.capacity(pipe)) {
      // Nobody could write the rest of the line.
      taken = frame(seen, Tail.PARTIAL);
    }
    if (taken > 0) {
      log.append(kind.number(), buffers.out(), framer.framedBytes(), taken);
      buffers.discard(pipe, taken);
      log.taken(kind.number(), framer.isMidLine());
      takenBytes += taken;
    }
    return taken;
  }

  private int frame(int seen, Tail tail) {
    return framer.frame(buffers.in().bytes(), seen, buffers.out().bytes(), tail);
  }

  private void stamp() {
    Instant now = Instant.now();
    framer.stamp(now.getEpochSecond(), now.getNano());
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
    } else if (waitsForRest && drain(1, Tail.PARTIAL)) {
      gather();
    }
  }

  private void end() {
    ended = true;
    stamp();
    framer.finish(buffers.out().bytes());
    if (framer.framedBytes() > 0) {
      log.append(kind.number(), buffers.out(), framer.framedBytes(), 0);
      log.taken(kind.number(), false);
    }
    close();
  }

  @Override
  public void close() {
    ended = true;
    waitsForRest = false;
    watch.close();
    pipe.close();
  }
}
