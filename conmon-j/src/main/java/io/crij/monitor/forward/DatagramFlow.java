package io.crij.monitor.forward;

import io.crij.linux.LinuxException;
import io.crij.linux.inet.InetSocket;
import io.crij.linux.inet.SocketAddress;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.Epoll;
import io.crij.linux.io.NativeBuffer;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.Watch;

/** Datagrams between one sender and the target. What cannot be sent is lost, as on a network. */
final class DatagramFlow {
  private final NativeBuffer buffer;
  private final InetSocket listening;
  private final SocketAddress sender;
  private final InetSocket target;
  private final Watch watch;
  private long lastNanos = System.nanoTime();

  /**
   * @param listening by which answers are sent; not owned
   * @param target connected; owned from now on
   */
  DatagramFlow(
      EventLoop loop,
      NativeBuffer buffer,
      InetSocket listening,
      SocketAddress sender,
      InetSocket target) {
    this.buffer = buffer;
    this.listening = listening;
    this.sender = sender;
    this.target = target;
    this.watch = loop.watch(target.fd(), Epoll.IN, _ -> answer());
  }

  long silentNanos() {
    return System.nanoTime() - lastNanos;
  }

  /** Sends on what is in the buffer. */
  void send(int length) {
    lastNanos = System.nanoTime();
    if (!isTaken(length)) {
      // What became of an earlier one is told once; this one is still to be sent.
      boolean _ = isTaken(length);
    }
  }

  private boolean isTaken(int length) {
    try {
      int _ = Descriptors.write(target.fd(), buffer, 0, length);
      return true;
    } catch (LinuxException _) {
      return false;
    }
  }

  private void answer() {
    lastNanos = System.nanoTime();
    try {
      for (int i = 0; i < DatagramPort.RECEIVED_AT_A_TIME; i++) {
        int length = Descriptors.read(target.fd(), buffer, 0, buffer.capacity());
        if (length < 0) {
          return;
        }
        listening.send(buffer, length, sender);
      }
    } catch (LinuxException _) {
      // Nobody listens at the target, or the sender cannot be reached.
    }
  }

  void close() {
    watch.close();
    target.close();
  }
}
