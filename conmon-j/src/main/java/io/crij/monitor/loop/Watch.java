package io.crij.monitor.loop;

import io.crij.linux.Fd;

/** A descriptor watched by the loop, until it is closed; to be used on the loop's thread. */
public final class Watch implements AutoCloseable {
  private final EventLoop loop;
  private final Fd fd;
  private final long token;
  private boolean closed;

  Watch(EventLoop loop, Fd fd, long token) {
    this.loop = loop;
    this.fd = fd;
    this.token = token;
  }

  /** Changes what is watched for. */
  public void interest(int events) {
    loop.modify(fd, events, token);
  }

  /** Ends the watching; the descriptor stays open. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      loop.remove(fd, token);
    }
  }
}
