package io.crij.server.streaming.descriptor;

import io.crij.server.streaming.client.ClientStream;
import io.crij.server.streaming.client.Flow;
import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Passes what a descriptor gives on to a client, in order, to its end. Nothing is read that the
 * client does not take: whoever writes into the descriptor waits.
 */
public final class DescriptorReader {
  private static final int FIRST_BYTES = 4 << 10;
  private static final int MOST_BYTES = 256 << 10;

  /** Then other descriptors of the loop have their turn. */
  private static final int TURN_BYTES = 1 << 20;

  private final LoopDescriptor descriptor;
  private final Flow flow;
  private final @Nullable ClientStream stream;
  private final Runnable whenEnded;
  private boolean forClient;
  private boolean ended;
  private boolean waiting;
  private int size = FIRST_BYTES;
  private boolean wide;

  /** What moves the pipe's bytes when there are many; null: they are read. */
  private @Nullable BusyPipe busy;

  /**
   * @param stream null: what comes is dropped
   */
  public DescriptorReader(
      LoopDescriptor descriptor, Flow flow, @Nullable ClientStream stream, Runnable whenEnded) {
    this.descriptor = descriptor;
    this.flow = flow;
    this.stream = stream;
    this.whenEnded = whenEnded;
    this.forClient = stream != null;
  }

  /** Begins. */
  public void start() {
    descriptor.whenReadable(this::read);
    read();
  }

  /** From now on what comes is dropped, and nobody is waited for. */
  public void drop() {
    forClient = false;
    if (busy != null) {
      busy.stop();
    }
    flow.eventLoop().execute(this::goOn);
  }

  /** Whether it has more to read and does not only because the client does not take it. */
  public boolean waitsForClient() {
    return (waiting || (busy != null && busy.waitsForClient())) && !ended;
  }

  private void goOn() {
    waiting = false;
    read();
  }

  private void read() {
    boolean moves = busy != null && busy.isAtWork();
    if (ended || waiting || moves || descriptor.isReleased()) {
      return;
    }
    int left = TURN_BYTES;
    while (left > 0) {
      if (forClient && !flow.isWritable()) {
        flush();
        waitForClient();
        return;
      }
      if (busy != null && busy.begin()) {
        flush();
        return;
      }
      int n = readOnce();
      if (n <= 0) {
        flush();
        if (n < 0) {
          end();
        }
        return;
      }
      left -= n;
    }
    flush();
    waiting = true;
    flow.eventLoop().execute(this::goOn);
  }

  private void waitForClient() {
    waiting = true;
    // The flush may have made room.
    if (flow.isWritable()) {
      flow.eventLoop().execute(this::goOn);
    } else {
      flow.whenWritable(this::goOn);
    }
  }

  private int readOnce() {
    ByteBuf bytes = flow.channel().alloc().directBuffer(size, size);
    int n;
    try {
      n = descriptor.read(bytes);
    } catch (IOException _) {
      n = -1; // of a terminal EIO: nobody has it open any more; of a socket ECONNRESET
    }
    if (n >= BusyPipe.LEAST_BYTES && !wide) {
      wide = true;
      busy = descriptor.widen(BusyPipe.WIDE_BYTES) ? busyPipe() : null;
    }
    if (n == size) {
      size = Math.min(2 * size, MOST_BYTES);
    }
    if (n > 0 && forClient && stream != null) {
      stream.write(bytes);
    } else {
      bytes.release();
    }
    return n;
  }

  private @Nullable BusyPipe busyPipe() {
    UnixChannel socket = flow.plainSocket();
    return stream != null && stream.passes() && socket != null && descriptor.isPipe()
        ? new BusyPipe(descriptor, flow, stream, socket, this::read)
        : null;
  }

  private void flush() {
    if (stream != null && forClient) {
      stream.flush();
    }
  }

  /** Reads no more, as at the end of what there is. */
  public void end() {
    if (!ended) {
      ended = true;
      whenEnded.run();
    }
  }
}
