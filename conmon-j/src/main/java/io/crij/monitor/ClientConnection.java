package io.crij.monitor;

import com.google.protobuf.InvalidProtocolBufferException;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Epoll;
import io.crij.linux.io.Frame;
import io.crij.linux.io.FrameChannel;
import io.crij.linux.io.FramePart;
import io.crij.linux.io.UnixSocket;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.StderrLog;
import io.crij.monitor.loop.Watch;
import io.crij.monitor.v1.FromMonitor;
import io.crij.monitor.v1.Request;
import java.util.List;

/** A client of the monitor; to be used on the loop's thread. */
final class ClientConnection {
  private static final int MAX_REQUEST_BYTES = 8 << 20;

  /** A client that lets more than this wait is cut off: it comes back and asks again. */
  private static final long MAX_QUEUED_BYTES = 256L << 20;

  private final FrameChannel channel;
  private final Requests requests;
  private final Watch watch;
  private Runnable onClose = () -> {};
  private boolean closed;

  private ClientConnection(UnixSocket socket, EventLoop loop, Requests requests) {
    this.channel = new FrameChannel(socket, MAX_REQUEST_BYTES);
    this.requests = requests;
    this.watch = loop.watch(socket.fd(), Epoll.IN | Epoll.OUT | Epoll.EDGE, _ -> ready());
  }

  /** Serves a client, if it is root or runs as we do. */
  static void open(UnixSocket socket, EventLoop loop, Requests requests) {
    if (socket.peer().uid() != 0) {
      StderrLog.info("refused a client that is not root: " + socket.peer());
      socket.close();
      return;
    }
    new ClientConnection(socket, loop, requests).ready();
  }

  /** Runs once the client is gone. */
  void onClose(Runnable action) {
    onClose = action;
  }

  private void ready() {
    try {
      Frame frame;
      while (!closed && (frame = channel.receive()) != null) {
        requests.handle(Request.parseFrom(frame.bytes()), frame.descriptors(), this);
      }
      if (!closed) {
        channel.flush();
        if (channel.isEnded()) {
          close();
        }
      }
    } catch (InvalidProtocolBufferException | LinuxException e) {
      StderrLog.failure("a client is cut off", e);
      close();
    }
  }

  void send(FromMonitor message) {
    send(message, List.of(), () -> {});
  }

  /** Sends a message with descriptors, which may be closed once {@code sent} runs. */
  void send(FromMonitor message, List<Fd> descriptors, Runnable sent) {
    send(List.of(new FramePart.Bytes(message.toByteArray())), descriptors, sent);
  }

  /** Sends a frame made of parts. */
  void send(List<FramePart> frame, List<Fd> descriptors, Runnable sent) {
    if (closed) {
      discard(frame);
      sent.run();
      return;
    }
    try {
      channel.queue(frame, descriptors, sent);
      channel.flush();
    } catch (LinuxException e) {
      StderrLog.failure("a client is cut off", e);
      close();
      return;
    }
    if (channel.queuedBytes() > MAX_QUEUED_BYTES) {
      StderrLog.info("a client that does not read is cut off");
      close();
    }
  }

  private static void discard(List<FramePart> frame) {
    for (FramePart part : frame) {
      if (part instanceof FramePart.File file) {
        file.file().close();
      }
    }
  }

  private void close() {
    if (!closed) {
      closed = true;
      watch.close();
      channel.close();
      onClose.run();
    }
  }
}
