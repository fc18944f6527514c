package io.crij.server.streaming.descriptor;

import io.crij.server.streaming.client.Receiver;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a client sends into a descriptor, in order. What it does not take waits here, as long
 * as the {@link Backlog} has room for it.
 */
public final class DescriptorWriter implements Receiver {
  private final Backlog backlog;
  private final Runnable whenEnded;
  private final Runnable whenGivenUp;
  private final Deque<ByteBuf> queue = new ArrayDeque<>();
  private @Nullable LoopDescriptor descriptor;
  private boolean hasTaken;
  private boolean ending;
  private boolean closed;

  /**
   * @param whenEnded the client has ended the stream and all was written, or nobody reads it
   * @param whenGivenUp the descriptor has taken nothing for too long
   */
  public DescriptorWriter(Backlog backlog, Runnable whenEnded, Runnable whenGivenUp) {
    this.backlog = backlog;
    this.whenEnded = whenEnded;
    this.whenGivenUp = whenGivenUp;
  }

  /** Begins to write; what has come until now has waited. */
  public void open(LoopDescriptor into) {
    descriptor = into;
    into.whenWritable(this::write);
    write();
  }

  @Override
  public void data(ByteBuf bytes) {
    if (closed || ending || !bytes.isReadable()) {
      bytes.release();
      return;
    }
    queue.add(bytes);
    backlog.added(this, bytes.readableBytes());
    write();
  }

  @Override
  public void end() {
    ending = true;
    write();
  }

  private void write() {
    LoopDescriptor into = descriptor;
    if (into != null && !closed && !into.isReleased()) {
      writeTo(into);
    }
    backlog.adjustReading();
  }

  private void writeTo(LoopDescriptor into) {
    try {
      ByteBuf first = queue.peek();
      while (first != null) {
        int n = into.write(first);
        hasTaken |= n > 0;
        backlog.taken(n);
        if (first.isReadable()) {
          if (n == 0) {
            return;
          }
          continue;
        }
        queue.remove().release();
        backlog.pieceTaken();
        first = queue.peek();
      }
      backlog.emptied(this);
      if (ending) {
        close();
        whenEnded.run();
      }
    } catch (IOException _) {
      // EPIPE, ECONNRESET or EIO: nobody reads it any more. What comes is dropped.
      close();
      whenEnded.run();
    }
  }

  /** Whether the descriptor has taken anything since this was asked last. */
  boolean hasTaken() {
    boolean answer = hasTaken;
    hasTaken = false;
    return answer;
  }

  void giveUp() {
    whenGivenUp.run();
  }

  /** Drops what waits and whatever comes. May be repeated. */
  public void close() {
    closed = true;
    for (ByteBuf dropped = queue.poll(); dropped != null; dropped = queue.poll()) {
      backlog.taken(dropped.readableBytes());
      backlog.pieceTaken();
      dropped.release();
    }
    backlog.emptied(this);
    backlog.adjustReading();
  }
}
