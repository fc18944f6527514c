package io.crij.server.streaming.descriptor;

import io.crij.server.streaming.client.Flow;
import io.crij.server.streaming.client.Receiver;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a client sends into a descriptor, in order. What it does not take waits here, up to a
 * bound above which the client is not read from.
 */
public final class DescriptorWriter implements Receiver {
  private static final int HIGH_BYTES = 256 << 10;
  private static final int LOW_BYTES = 64 << 10;

  private final Flow flow;
  private final Runnable whenEnded;
  private final Deque<ByteBuf> queue = new ArrayDeque<>();
  private @Nullable LoopDescriptor descriptor;
  private long queuedBytes;
  private boolean pausing;
  private boolean ending;
  private boolean closed;

  /**
   * @param whenEnded the client has ended the stream and all was written, or nobody reads it
   */
  public DescriptorWriter(Flow flow, Runnable whenEnded) {
    this.flow = flow;
    this.whenEnded = whenEnded;
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
    queuedBytes += bytes.readableBytes();
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
    adjustReading();
  }

  private void writeTo(LoopDescriptor into) {
    try {
      ByteBuf first = queue.peek();
      while (first != null) {
        int n = into.write(first);
        queuedBytes -= n;
        if (first.isReadable()) {
          if (n == 0) {
            return;
          }
          continue;
        }
        queue.remove().release();
        first = queue.peek();
      }
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

  private void adjustReading() {
    if (!pausing && queuedBytes > HIGH_BYTES) {
      pausing = true;
      flow.pause();
    } else if (pausing && queuedBytes < LOW_BYTES) {
      pausing = false;
      flow.resume();
    }
  }

  /** Drops what waits and whatever comes. May be repeated. */
  public void close() {
    closed = true;
    queue.forEach(ByteBuf::release);
    queue.clear();
    queuedBytes = 0;
    adjustReading();
  }
}
