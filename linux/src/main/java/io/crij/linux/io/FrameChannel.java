package io.crij.linux.io;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Frames on a unix socket: a length of 4 bytes, big-endian, and as many bytes. Descriptors travel
 * on the first byte of their frame. Never blocks; for one thread that sends and one that receives.
 */
public final class FrameChannel implements AutoCloseable {
  private static final int HEADER_BYTES = 4;
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int ECONNRESET = 104;

  private final UnixSocket socket;
  private final int maxIncomingBytes;

  private final Buffers buffers;
  private final NativeBuffer in;
  private final NativeBuffer out;
  private final List<Fd> arrived = new ArrayList<>();
  private int header;
  private int headerBytes;
  private byte @Nullable [] body;
  private int bodyBytes;
  private boolean ended;

  private final Deque<Outgoing> queue = new ArrayDeque<>();
  private long queuedBytes;
  private boolean closed;

  /**
   * What channels of one thread have used and others may use again. Only the collector frees such
   * memory, so that of many short connections would pile up until it comes.
   */
  public static final class Buffers {
    private static final int MOST = 32;

    private final Deque<NativeBuffer> spare = new ArrayDeque<>();

    private NativeBuffer take() {
      NativeBuffer buffer = spare.poll();
      return buffer == null ? NativeBuffer.allocate(BUFFER_BYTES) : buffer;
    }

    private void giveBack(NativeBuffer buffer) {
      if (spare.size() < MOST) {
        spare.push(buffer);
      }
    }
  }

  /**
   * @param maxIncomingBytes a longer frame is not received; what is sent may have 64 MiB
   */
  public FrameChannel(UnixSocket socket, int maxIncomingBytes) {
    this(socket, maxIncomingBytes, new Buffers());
  }

  /** The same with buffers of channels before; it must not be used any more once it is closed. */
  public FrameChannel(UnixSocket socket, int maxIncomingBytes, Buffers buffers) {
    this.socket = socket;
    this.maxIncomingBytes = maxIncomingBytes;
    this.buffers = buffers;
    this.in = buffers.take();
    this.out = buffers.take();
  }

  public UnixSocket socket() {
    return socket;
  }

  /**
   * The next frame, or null when it has not arrived whole, or {@link #isEnded}.
   *
   * @throws LinuxException EOVERFLOW for a frame that is too long, or has too many descriptors
   */
  public @Nullable Frame receive() {
    while (!ended) {
      byte[] unfinished = body;
      if (unfinished == null) {
        if (!receiveHeader()) {
          return null;
        }
      } else if (bodyBytes == header) {
        Frame frame = new Frame(unfinished, arrived);
        arrived.clear();
        body = null;
        headerBytes = 0;
        header = 0;
        return frame;
      } else if (!receiveBody(unfinished)) {
        return null;
      }
    }
    return null;
  }

  /** Whether a frame has arrived in part. */
  public boolean isWithinFrame() {
    return headerBytes > 0;
  }

  /** Whether the other end has closed. */
  public boolean isEnded() {
    return ended;
  }

  // Header and body are asked for apart: so descriptors are known to belong to this frame.
  private boolean receiveHeader() {
    int n = receiveSome(HEADER_BYTES - headerBytes);
    for (int i = 0; i < n; i++) {
      header = header << 8 | (in.bytes().get(i) & 0xff);
    }
    headerBytes += Math.max(n, 0);
    if (headerBytes == HEADER_BYTES) {
      if (header < 0 || header > maxIncomingBytes) {
        throw tooLong(Integer.toUnsignedLong(header));
      }
      // What is announced need not come: room is made as it does.
      body = new byte[Math.min(header, BUFFER_BYTES)];
      bodyBytes = 0;
    }
    return n > 0;
  }

  private boolean receiveBody(byte[] unfinished) {
    int n = receiveSome(Math.min(BUFFER_BYTES, header - bodyBytes));
    if (n > 0) {
      byte[] into = unfinished;
      if (bodyBytes + n > into.length) {
        into = Arrays.copyOf(into, (int) Math.min(header, 2L * into.length));
        body = into;
      }
      in.bytes().get(0, into, bodyBytes, n);
      bodyBytes += n;
    }
    return n > 0;
  }

  private int receiveSome(int length) {
    int n;
    try {
      n = socket.receive(in, 0, length, arrived);
    } catch (LinuxException e) {
      if (e.errno() != ECONNRESET) {
        throw e;
      }
      n = 0;
    }
    if (arrived.size() > UnixSocket.MAX_DESCRIPTORS) {
      throw new LinuxException(
          "frame with more than " + UnixSocket.MAX_DESCRIPTORS + " descriptors on",
          socket.fd().toString(),
          Errno.EOVERFLOW);
    }
    ended = n == 0;
    return n;
  }

  private LinuxException tooLong(long length) {
    return new LinuxException(
        "frame of " + length + " bytes on", socket.fd().toString(), Errno.EOVERFLOW);
  }

  /**
   * Adds a frame to those to be sent.
   *
   * @param descriptors the caller goes on owning them, and may close them once {@code sent} ran
   */
  public void queue(List<FramePart> parts, List<Fd> descriptors, Runnable sent) {
    long length = 0;
    for (FramePart part : parts) {
      length += part.length();
    }
    if (length > FrameSocket.MAX_FRAME_BYTES) {
      throw tooLong(length);
    }
    List<FramePart> all = new ArrayList<>();
    all.add(new FramePart.Bytes(ByteBuffer.allocate(HEADER_BYTES).putInt((int) length).array()));
    all.addAll(parts);
    queue.add(new Outgoing(all, descriptors, sent));
    queuedBytes += HEADER_BYTES + length;
  }

  public void queue(byte[] frame, List<Fd> descriptors) {
    queue(List.of(new FramePart.Bytes(frame)), descriptors, () -> {});
  }

  /** How many bytes wait to be sent. */
  public long queuedBytes() {
    return queuedBytes;
  }

  /** Sends what the socket takes; true when nothing is left. */
  public boolean flush() {
    while (!queue.isEmpty()) {
      Outgoing first = queue.getFirst();
      if (!first.fill(out)) {
        queue.removeFirst();
        first.sent.run();
        continue;
      }
      int n =
          socket.send(out, first.sentOfBuffer, first.filled - first.sentOfBuffer, first.pending());
      if (n < 0) {
        return false;
      }
      first.sentOfBuffer += n;
      first.started = true;
      queuedBytes -= n;
    }
    return true;
  }

  @Override
  public void close() {
    socket.close();
    arrived.forEach(Fd::close);
    queue.forEach(Outgoing::discard);
    queue.clear();
    if (!closed) {
      closed = true;
      buffers.giveBack(in);
      buffers.giveBack(out);
    }
  }

  /** A frame under way. The buffer holds what was read of it last. */
  private static final class Outgoing {
    private final List<FramePart> parts;
    private final List<Fd> descriptors;
    private final Runnable sent;
    private int part;
    private long offset;
    private boolean started;
    private int filled;
    private int sentOfBuffer;

    Outgoing(List<FramePart> parts, List<Fd> descriptors, Runnable sent) {
      this.parts = parts;
      this.descriptors = List.copyOf(descriptors);
      this.sent = sent;
    }

    List<Fd> pending() {
      return started ? List.of() : descriptors;
    }

    /** Gets the next bytes once the last are gone; false at the end. */
    boolean fill(NativeBuffer buffer) {
      if (sentOfBuffer < filled) {
        return true;
      }
      filled = 0;
      sentOfBuffer = 0;
      while (part < parts.size() && filled < BUFFER_BYTES) {
        switch (parts.get(part)) {
          case FramePart.Bytes p -> copy(p, buffer);
          case FramePart.File p -> {
            if (filled > 0) {
              return true;
            }
            read(p, buffer);
          }
        }
      }
      return filled > 0;
    }

    private void copy(FramePart.Bytes p, NativeBuffer buffer) {
      int n = (int) Math.min(BUFFER_BYTES - filled, p.bytes().length - offset);
      buffer.bytes().put(filled, p.bytes(), (int) offset, n);
      advance(n, p.length());
    }

    private void read(FramePart.File p, NativeBuffer buffer) {
      int wanted = (int) Math.min(BUFFER_BYTES, p.length() - offset);
      int n = wanted == 0 ? 0 : Descriptors.readAt(p.file(), offset, buffer, wanted);
      if (n < wanted) {
        throw new LinuxException("read", "shrunk " + p.file(), Errno.EIO);
      }
      advance(n, p.length());
      if (offset == 0) {
        p.file().close();
      }
    }

    private void advance(int n, long length) {
      filled += n;
      offset += n;
      if (offset == length) {
        part++;
        offset = 0;
      }
    }

    void discard() {
      for (FramePart p : parts.subList(part, parts.size())) {
        if (p instanceof FramePart.File file) {
          file.file().close();
        }
      }
      sent.run();
    }
  }
}
