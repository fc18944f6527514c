package io.crij.monitor.exec;

import io.crij.linux.Errno;
import io.crij.linux.Fd;
import io.crij.linux.LinuxException;
import io.crij.linux.io.Descriptors;
import io.crij.linux.io.Epoll;
import io.crij.linux.io.NativeBuffer;
import io.crij.monitor.loop.EventLoop;
import io.crij.monitor.loop.Watch;

/** A terminal that is read only so that nobody waits for it; on the loop's thread. */
final class DrainedTerminal implements AutoCloseable {
  private static final int BYTES = 4096;
  private static final int ROUNDS = 16;

  private final Fd master;
  private final EventLoop loop;
  private final Watch watch;
  private final NativeBuffer buffer = NativeBuffer.allocate(BYTES);
  private boolean closed;

  DrainedTerminal(Fd master, EventLoop loop) {
    this.master = master;
    this.loop = loop;
    this.watch = loop.watch(master, Epoll.IN | Epoll.EDGE, _ -> drain());
  }

  Fd master() {
    return master;
  }

  private void drain() {
    for (int i = 0; i < ROUNDS && !closed; i++) {
      if (read() <= 0) {
        return;
      }
    }
    if (!closed) {
      loop.execute(this::drain);
    }
  }

  private int read() {
    try {
      return Descriptors.read(master, buffer, 0, BYTES);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EIO) {
        return 0; // No process has it open any more.
      }
      throw e;
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      watch.close();
      master.close();
    }
  }
}
