package io.crij.monitor.attach;

import io.crij.linux.Fd;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.Pipe;
import io.crij.monitor.v1.DetachReason;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A client that sees output streams of a container; on the loop's thread. */
public final class Attachment implements AutoCloseable {
  private final Map<StreamTap, AttachedPipe> pipes = new HashMap<>();
  private final Consumer<DetachReason> onEnd;
  private boolean ended;

  /**
   * @param onEnd told once if it ends without {@link #close}
   */
  public Attachment(Consumer<DetachReason> onEnd) {
    this.onEnd = onEnd;
  }

  /** Passes a stream on from now on; the reading end, {@code O_NONBLOCK}, is the caller's. */
  public Fd read(StreamTap tap) {
    Pipe pipe = Pipe.open();
    Descriptors.setNonBlocking(pipe.write());
    add(tap, pipe.write());
    return pipe.read();
  }

  private void add(StreamTap tap, Fd write) {
    AttachedPipe attached = new AttachedPipe(write, reason -> pipeEnded(tap, reason));
    pipes.put(tap, attached);
    tap.add(attached);
  }

  /**
   * Goes on where the program before in this process stopped.
   *
   * @param write the pipe's writing end; owned from now on
   * @param passedOnBytes of what the stream holds
   */
  public void resume(StreamTap tap, Fd write, int passedOnBytes) {
    add(tap, write);
    tap.resume(passedOnBytes);
  }

  /** The number of the pipe's writing end; 0 if it has none of this stream. */
  public int number(StreamTap tap) {
    AttachedPipe pipe = pipes.get(tap);
    return pipe == null ? 0 : pipe.number();
  }

  private void pipeEnded(StreamTap tap, DetachReason reason) {
    AttachedPipe pipe = pipes.remove(tap);
    if (pipe != null) {
      tap.remove(pipe);
    }
    // One that was too slow for one stream would see only half of what happens.
    if (!ended && (pipes.isEmpty() || reason == DetachReason.DETACH_REASON_TOO_SLOW)) {
      close();
      onEnd.accept(reason);
    }
  }

  @Override
  public void close() {
    ended = true;
    pipes.forEach((tap, pipe) -> {
      tap.remove(pipe);
      pipe.close();
    });
    pipes.clear();
  }
}
