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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A client of the monitor; to be used on the loop's thread. */
final class ClientConnection {
  private static final int MAX_REQUEST_BYTES = 8 << 20;

  /** A client that lets more than this wait is cut off: it comes back and asks again. */
  private static final long MAX_QUEUED_BYTES = 256L << 20;

  /** While more than this waits, no request of the client is read: its replies need memory too. */
  private static final long MAX_WAITING_BYTES = 1 << 20;

  private final FrameChannel channel;
  private final Requests requests;
  private final Watch watch;
  private final Set<Runnable> onClose = new LinkedHashSet<>();
  private final Set<Long> upgradeRequests = new TreeSet<>();
  private boolean paused = true;
  private boolean closed;

  /** Serves a client once it is to {@link #resume}. */
  ClientConnection(
      UnixSocket socket, FrameChannel.Buffers buffers, EventLoop loop, Requests requests) {
    this.channel = new FrameChannel(socket, MAX_REQUEST_BYTES, buffers);
    this.requests = requests;
    this.watch = loop.watch(socket.fd(), Epoll.IN | Epoll.OUT | Epoll.EDGE, _ -> ready());
  }

  Fd fd() {
    return channel.socket().fd();
  }

  /** The descriptor's number; 0 once it is closed. */
  int number() {
    return closed ? 0 : fd().number();
  }

  /** Runs once the client is gone; at once if it is. */
  void onClose(Runnable action) {
    if (closed) {
      action.run();
    } else {
      onClose.add(action);
    }
  }

  /** Takes an action back. */
  void notOnClose(Runnable action) {
    onClose.remove(action);
  }

  /** Begins to read no other request: it stays in the socket. */
  void pause() {
    paused = true;
  }

  /** Reads requests from now on. */
  void resume() {
    paused = false;
    ready();
  }

  /** Whether no frame is under way, in either direction. */
  boolean isAtRest() {
    return !channel.isWithinFrame() && channel.queuedBytes() == 0;
  }

  /** Ids of its requests for an upgrade: another program answers them, unless they are refused. */
  Set<Long> upgradeRequests() {
    return upgradeRequests;
  }

  private void ready() {
    try {
      channel.flush();
      Frame frame;
      while (!closed && mayRead() && (frame = channel.receive()) != null) {
        requests.handle(parse(frame), frame.descriptors(), this);
      }
      if (!closed) {
        if (channel.isEnded()) {
          close();
        }
      }
    } catch (InvalidProtocolBufferException | LinuxException e) {
      StderrLog.failure("a client is cut off", e);
      close();
    }
  }

  private static Request parse(Frame frame) throws InvalidProtocolBufferException {
    try {
      return Request.parseFrom(frame.bytes());
    } catch (InvalidProtocolBufferException e) {
      frame.close();
      throw e;
    }
  }

  private boolean mayRead() {
    return (!paused || channel.isWithinFrame()) && channel.queuedBytes() <= MAX_WAITING_BYTES;
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
      List<Runnable> actions = List.copyOf(onClose);
      onClose.clear();
      actions.forEach(Runnable::run);
    }
  }
}
