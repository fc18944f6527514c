package io.crij.monitor.forward;

import io.crij.linux.LinuxException;
import io.crij.linux.inet.InetSocket;
import io.crij.linux.io.Epoll;
import io.crij.linux.io.NativeBuffer;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.Gathered;
import io.crij.monitor.loop.Watch;
import java.util.function.Consumer;

/** A client's connection and the one to the target, between which bytes move both ways. */
final class StreamConnection implements Gathered {
  private static final int EVERYTHING = Epoll.IN | Epoll.OUT | Epoll.EDGE;

  private final EventLoop loop;
  private final NativeBuffer buffer;
  private final InetSocket client;
  private final InetSocket target;
  private final Consumer<StreamConnection> onEnd;
  private final Direction there;
  private final Direction back;
  private final Watch clientWatch;
  private final Watch targetWatch;
  private boolean connected;
  private boolean waitsForItsTurn;
  private boolean closed;

  /**
   * @param client connected; owned from now on
   * @param target connecting; owned from now on
   * @param onEnd told once both are closed
   */
  StreamConnection(
      EventLoop loop,
      NativeBuffer buffer,
      InetSocket client,
      InetSocket target,
      Consumer<StreamConnection> onEnd) {
    this.loop = loop;
    this.buffer = buffer;
    this.client = client;
    this.target = target;
    this.onEnd = onEnd;
    this.there = new Direction(client, target);
    this.back = new Direction(target, client);
    this.clientWatch = loop.watch(client.fd(), EVERYTHING, _ -> move());
    this.targetWatch = loop.watch(target.fd(), EVERYTHING, this::targetReady);
  }

  private void targetReady(int events) {
    // A connection that failed is told of by the first read.
    connected |= (events & (Epoll.OUT | Epoll.ERR)) != 0;
    move();
  }

  /** Begun before it is connected, a half close would end it. */
  private void move() {
    if (closed || !connected) {
      return;
    }
    try {
      boolean moreThere = there.move(buffer);
      boolean moreBack = back.move(buffer);
      if (there.isEnded() && back.isEnded()) {
        close();
      } else if ((moreThere || moreBack) && !waitsForItsTurn) {
        waitsForItsTurn = true;
        loop.gather(this);
      }
    } catch (LinuxException _) {
      // One of the two is gone: so is the other.
      close();
    }
  }

  @Override
  public long dueNanos() {
    return System.nanoTime();
  }

  @Override
  public void drain() {
    waitsForItsTurn = false;
    move();
  }

  void close() {
    if (!closed) {
      closed = true;
      clientWatch.close();
      targetWatch.close();
      client.close();
      target.close();
      onEnd.accept(this);
    }
  }
}
