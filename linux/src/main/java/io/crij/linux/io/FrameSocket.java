package io.crij.linux.io;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of a connection that carries frames with descriptors. Blocks; for platform
 * threads: any may send, one receives, any may close, which ends the others' waiting.
 */
public final class FrameSocket implements AutoCloseable {
  /** A longer frame is refused. */
  public static final int MAX_FRAME_BYTES = 64 * 1024 * 1024;

  private static final short POLLIN = 1;
  private static final short POLLOUT = 4;
  private static final int POLL_MILLIS = 1000;

  private final UnixSocket socket;
  private final FrameChannel channel;
  private final ReentrantLock sending = new ReentrantLock();
  private final ReentrantLock receiving = new ReentrantLock();
  private volatile boolean closed;

  private FrameSocket(UnixSocket socket) {
    this.socket = socket;
    this.channel = new FrameChannel(socket, MAX_FRAME_BYTES);
  }

  /**
   * Connects to the socket at {@code path}, of any length.
   *
   * @throws LinuxException ENOENT or ECONNREFUSED when nobody listens there
   */
  public static FrameSocket connect(Path path) {
    return new FrameSocket(UnixSocket.connect(path));
  }

  /** The process that listens, as of when it began to. */
  public UnixSocket.Peer peer() {
    return socket.peer();
  }

  /**
   * Sends a frame, waiting until the socket has taken all of it.
   *
   * @param descriptors at most 253; the caller goes on owning them
   * @throws LinuxException EPIPE or ECONNRESET when the other end, or this one, is closed
   */
  public void send(byte[] frame, List<Fd> descriptors) {
    sending.lock();
    try {
      requireOpen();
      channel.queue(frame, descriptors);
      while (!channel.flush()) {
        await(POLLOUT);
        requireOpen();
      }
    } finally {
      sending.unlock();
    }
  }

  /** Waits for the next frame; null when the other end, or this one, is closed. */
  public @Nullable Frame receive() {
    while (true) {
      receiving.lock();
      try {
        if (closed) {
          return null;
        }
        Frame frame = channel.receive();
        if (frame != null || channel.isEnded()) {
          return frame;
        }
      } finally {
        receiving.unlock();
      }
      await(POLLIN);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new LinuxException("send", "on a closed socket", Errno.EPIPE);
    }
  }

  private void await(short events) {
    try (Memory poll = new Memory(8)) {
      try {
        poll.setInt(0, socket.fd().number());
      } catch (IllegalStateException _) {
        return; // Closed meanwhile: the caller sees it.
      }
      poll.setShort(4, events);
      poll.setShort(6, (short) 0);
      if (IoLibrary.poll(poll, 1, POLL_MILLIS) < 0 && Native.getLastError() != Errno.EINTR) {
        throw LinuxException.last("poll", "unix socket");
      }
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    // First, so that whoever waits gives up the lock.
    socket.shutdown();
    sending.lock();
    receiving.lock();
    try {
      channel.close();
    } finally {
      receiving.unlock();
      sending.unlock();
    }
  }
}
