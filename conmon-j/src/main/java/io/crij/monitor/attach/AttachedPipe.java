package io.crij.monitor.attach;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.NativeBuffer;
import io.crij.linux.io.Pipe;
import io.crij.monitor.v1.DetachReason;
import java.util.function.Consumer;

/**
 * The writing end of a pipe that a client reads. It is never waited for: one that has let it fill
 * gets no more.
 */
final class AttachedPipe {
  /** As large as root may make it by default, and all that is ever kept for a client. */
  private static final int LARGEST_BYTES = 1 << 20;

  private final Fd fd;
  private final Consumer<DetachReason> onEnd;
  private boolean closed;

  /**
   * @param fd {@code O_NONBLOCK}; owned from now on
   * @param onEnd told once why nothing more is written, unless it is closed
   */
  AttachedPipe(Fd fd, Consumer<DetachReason> onEnd) {
    this.fd = fd;
    this.onEnd = onEnd;
  }

  int number() {
    return fd.number();
  }

  void write(NativeBuffer bytes, int offset, int length) {
    int written = 0;
    while (!closed && written < length) {
      int n = tryWrite(bytes, offset + written, length - written);
      if (n < 0 && !grow()) {
        end(DetachReason.DETACH_REASON_TOO_SLOW);
      }
      written += Math.max(n, 0);
    }
  }

  private int tryWrite(NativeBuffer bytes, int offset, int length) {
    try {
      return Descriptors.write(fd, bytes, offset, length);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EPIPE) {
        throw e;
      }
      end(DetachReason.DETACH_REASON_LEFT);
      return 0;
    }
  }

  /** Pipes begin small, since their size counts against the node's budget for root. */
  private boolean grow() {
    int capacity = Pipe.capacity(fd);
    return capacity < LARGEST_BYTES && Pipe.tryResize(fd, Math.min(capacity * 4, LARGEST_BYTES));
  }

  /** Nothing will follow. */
  void end() {
    end(DetachReason.DETACH_REASON_ENDED);
  }

  private void end(DetachReason reason) {
    if (!closed) {
      close();
      onEnd.accept(reason);
    }
  }

  void close() {
    if (!closed) {
      closed = true;
      fd.close();
    }
  }
}
